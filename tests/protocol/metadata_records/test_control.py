"""Bodies of control records, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.metadata_records.control import (
    Endpoint,
    KRaftVersionFeature,
    KRaftVersionRecord,
    LeaderChangeMessage,
    RegisteredVoter,
    SnapshotFooterRecord,
    SnapshotHeaderRecord,
    Voter,
    VotersRecord,
)
from tests.support.encoded import assert_encoded


def test_a_new_leader() -> None:
    value = LeaderChangeMessage(
        version=0, leader_id=1, voters=[Voter(voter_id=1)], granting_voters=[Voter(voter_id=1)]
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "00000000000102000000010002000000010000")


def test_a_new_leader_with_directories() -> None:
    value = LeaderChangeMessage(
        version=1,
        leader_id=1,
        voters=[Voter(voter_id=1, voter_directory_id=bytes(range(16)))],
        granting_voters=[],
    )

    # Kafka 4.3.1
    assert_encoded(value, 1, "0001000000010200000001000102030405060708090a0b0c0d0e0f000100")


def test_the_head_of_a_snapshot() -> None:
    value = SnapshotHeaderRecord(version=0, last_contained_log_timestamp=1000)

    # Kafka 4.3.1
    assert_encoded(value, 0, "000000000000000003e800")


def test_the_foot_of_a_snapshot() -> None:
    value = SnapshotFooterRecord(version=0)

    # Kafka 4.3.1
    assert_encoded(value, 0, "000000")


def test_the_kraft_version() -> None:
    value = KRaftVersionRecord(version=0, kraft_version=1)

    # Kafka 4.3.1
    assert_encoded(value, 0, "0000000100")


def test_the_voters() -> None:
    value = VotersRecord(
        version=0,
        voters=[
            RegisteredVoter(
                voter_id=1,
                voter_directory_id=bytes(range(16)),
                endpoints=[Endpoint(name="CONTROLLER", host="h", port=9093)],
                kraft_version_feature=KRaftVersionFeature(
                    min_supported_version=0, max_supported_version=1
                ),
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        0,
        "00000200000001000102030405060708090a0b0c0d0e0f020b434f4e54524f4c"
        "4c4552026823850000000001000000",
    )

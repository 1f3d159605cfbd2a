"""OffsetFetch, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopic,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
    OffsetFetchResponseGroup,
    OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = OffsetFetchRequest(
        group_id="g", topics=[OffsetFetchRequestTopic(name="t", partition_indexes=[0, 1])]
    )

    # Kafka 3.9.1
    assert_encoded(request, 0, "00016700000001000174000000020000000000000001")


def test_a_request_for_all_topics() -> None:
    request = OffsetFetchRequest(group_id="g", topics=None)

    # Kafka 4.3.1
    assert_encoded(request, 2, "000167ffffffff")


def test_the_last_request() -> None:
    request = OffsetFetchRequest(
        groups=[
            OffsetFetchRequestGroup(
                group_id="g",
                member_id="m",
                member_epoch=2,
                topics=[OffsetFetchRequestTopics(topic_id=bytes(range(16)), partition_indexes=[0])],
            )
        ],
        require_stable=True,
    )

    # Kafka 4.3.1
    assert_encoded(
        request,
        10,
        "020267026d0000000202000102030405060708090a0b0c0d0e0f020000000000000100",
    )


def test_the_first_response() -> None:
    response = OffsetFetchResponse(
        topics=[
            OffsetFetchResponseTopic(
                name="t",
                partitions=[
                    OffsetFetchResponsePartition(
                        partition_index=0, committed_offset=42, metadata="m", error_code=0
                    )
                ],
            )
        ]
    )

    # Kafka 3.9.1
    assert_encoded(response, 0, "000000010001740000000100000000000000000000002a00016d0000")


def test_the_last_response() -> None:
    response = OffsetFetchResponse(
        groups=[
            OffsetFetchResponseGroup(
                group_id="g",
                topics=[
                    OffsetFetchResponseTopics(
                        topic_id=bytes(range(16)),
                        partitions=[
                            OffsetFetchResponsePartitions(
                                partition_index=0,
                                committed_offset=42,
                                committed_leader_epoch=5,
                                metadata=None,
                                error_code=0,
                            )
                        ],
                    )
                ],
                error_code=0,
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        10,
        "0000000002026702000102030405060708090a0b0c0d0e0f0200000000000000"
        "000000002a00000005000000000000000000",
    )

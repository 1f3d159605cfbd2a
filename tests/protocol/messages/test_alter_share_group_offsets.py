"""AlterShareGroupOffsets, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.alter_share_group_offsets import (
    AlterShareGroupOffsetsRequest,
    AlterShareGroupOffsetsRequestPartition,
    AlterShareGroupOffsetsRequestTopic,
    AlterShareGroupOffsetsResponse,
    AlterShareGroupOffsetsResponsePartition,
    AlterShareGroupOffsetsResponseTopic,
)
from tests.support.encoded import assert_encoded

TOPIC_ID = bytes(range(16))


def test_a_request() -> None:
    value = AlterShareGroupOffsetsRequest(
        group_id="g",
        topics=[
            AlterShareGroupOffsetsRequestTopic(
                topic_name="t",
                partitions=[
                    AlterShareGroupOffsetsRequestPartition(partition_index=1, start_offset=7)
                ],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "026702027402000000010000000000000007000000")


def test_a_response() -> None:
    value = AlterShareGroupOffsetsResponse(
        error_code=68,
        error_message="full",
        responses=[
            AlterShareGroupOffsetsResponseTopic(
                topic_name="t",
                topic_id=TOPIC_ID,
                partitions=[AlterShareGroupOffsetsResponsePartition(partition_index=1)],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        0,
        "0000000000440566756c6c020274000102030405060708090a0b0c0d0e0f0200000001000000000000",
    )

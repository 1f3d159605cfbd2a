"""DescribeShareGroupOffsets, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.describe_share_group_offsets import (
    DescribeShareGroupOffsetsRequest,
    DescribeShareGroupOffsetsRequestGroup,
    DescribeShareGroupOffsetsRequestTopic,
    DescribeShareGroupOffsetsResponse,
    DescribeShareGroupOffsetsResponseGroup,
    DescribeShareGroupOffsetsResponsePartition,
    DescribeShareGroupOffsetsResponseTopic,
)
from tests.support.encoded import assert_encoded

TOPIC_ID = bytes(range(16))


def test_a_request_for_some_and_for_all_topics() -> None:
    value = DescribeShareGroupOffsetsRequest(
        groups=[
            DescribeShareGroupOffsetsRequestGroup(
                group_id="g",
                topics=[DescribeShareGroupOffsetsRequestTopic(topic_name="t", partitions=[0, 1])],
            ),
            DescribeShareGroupOffsetsRequestGroup(group_id="h", topics=None),
        ]
    )

    # Kafka 4.3.1
    assert_encoded(value, 1, "03026702027403000000000000000100000268000000")


def test_the_first_response() -> None:
    value = DescribeShareGroupOffsetsResponse(
        groups=[
            DescribeShareGroupOffsetsResponseGroup(
                group_id="g",
                topics=[
                    DescribeShareGroupOffsetsResponseTopic(
                        topic_name="t",
                        topic_id=TOPIC_ID,
                        partitions=[
                            DescribeShareGroupOffsetsResponsePartition(
                                partition_index=1, start_offset=7, leader_epoch=2
                            )
                        ],
                    )
                ],
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        0,
        (
            "00000000020267020274000102030405060708090a0b0c0d0e0f0200000001000000000000000700"
            "00000200000000000000000000"
        ),
    )


def test_a_response_with_a_lag() -> None:
    value = DescribeShareGroupOffsetsResponse(
        groups=[
            DescribeShareGroupOffsetsResponseGroup(
                group_id="g",
                topics=[
                    DescribeShareGroupOffsetsResponseTopic(
                        topic_name="t",
                        topic_id=TOPIC_ID,
                        partitions=[
                            DescribeShareGroupOffsetsResponsePartition(
                                partition_index=1, start_offset=7, leader_epoch=2, lag=5
                            )
                        ],
                    )
                ],
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        1,
        (
            "00000000020267020274000102030405060708090a0b0c0d0e0f0200000001000000000000000700"
            "000002000000000000000500000000000000000000"
        ),
    )

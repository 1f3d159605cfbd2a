"""ConsumerGroupDescribe's bytes, when groups are described."""

import pytest

from kafkacompat_protocol.messages.consumer_group_describe import (
    ConsumerGroupDescribeAssignment,
    ConsumerGroupDescribeGroup,
    ConsumerGroupDescribeMember,
    ConsumerGroupDescribeRequest,
    ConsumerGroupDescribeResponse,
    ConsumerGroupDescribeTopicPartitions,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        ConsumerGroupDescribeRequest(group_ids=["g"], include_authorized_operations=True),
        1,
        "0202670100",
        id="a request",
    ),
    pytest.param(
        ConsumerGroupDescribeResponse(
            groups=[
                ConsumerGroupDescribeGroup(
                    error_code=0,
                    group_id="g",
                    group_state="Stable",
                    group_epoch=2,
                    assignment_epoch=2,
                    assignor_name="uniform",
                    members=[
                        ConsumerGroupDescribeMember(
                            member_id="m",
                            member_epoch=2,
                            client_id="c",
                            client_host="h",
                            subscribed_topic_names=["t"],
                            assignment=ConsumerGroupDescribeAssignment(
                                topic_partitions=[
                                    ConsumerGroupDescribeTopicPartitions(
                                        topic_id=b"u" * 16, topic_name="t", partitions=[0]
                                    )
                                ]
                            ),
                            target_assignment=ConsumerGroupDescribeAssignment(topic_partitions=[]),
                            member_type=1,
                        )
                    ],
                )
            ]
        ),
        1,
        "0000000002000000026707537461626c65000000020000000208756e69666f72"
        "6d02026d00000000000202630268020274000275757575757575757575757575"
        "75757502740200000000000001000100800000000000",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)

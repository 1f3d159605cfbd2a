"""ShareGroupDescribe, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.share_group_describe import (
    ShareGroupDescribeAssignment,
    ShareGroupDescribeGroup,
    ShareGroupDescribeMember,
    ShareGroupDescribeRequest,
    ShareGroupDescribeResponse,
    ShareGroupDescribeTopicPartitions,
)
from tests.support.encoded import assert_encoded

TOPIC_ID = bytes(range(16))


def test_a_request() -> None:
    value = ShareGroupDescribeRequest(group_ids=["g"], include_authorized_operations=True)

    # Kafka 4.3.1
    assert_encoded(value, 1, "0202670100")


def test_a_response() -> None:
    value = ShareGroupDescribeResponse(
        groups=[
            ShareGroupDescribeGroup(
                error_code=0,
                group_id="g",
                group_state="Stable",
                group_epoch=2,
                assignment_epoch=2,
                assignor_name="simple",
                members=[
                    ShareGroupDescribeMember(
                        member_id="m",
                        member_epoch=2,
                        client_id="c",
                        client_host="/h",
                        subscribed_topic_names=["t"],
                        assignment=ShareGroupDescribeAssignment(
                            topic_partitions=[
                                ShareGroupDescribeTopicPartitions(
                                    topic_id=TOPIC_ID, topic_name="t", partitions=[0]
                                )
                            ]
                        ),
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
            "0000000002000000026707537461626c6500000002000000020773696d706c6502026d0000000002"
            "0263032f6802027402000102030405060708090a0b0c0d0e0f027402000000000000008000000000"
            "00"
        ),
    )


def test_a_response_with_an_error() -> None:
    value = ShareGroupDescribeResponse(
        groups=[ShareGroupDescribeGroup(error_code=69, error_message="no", group_id="g")]
    )

    # Kafka 4.3.1
    assert_encoded(value, 1, "00000000020045036e6f02670100000000000000000101800000000000")

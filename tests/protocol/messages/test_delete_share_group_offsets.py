"""DeleteShareGroupOffsets, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.delete_share_group_offsets import (
    DeleteShareGroupOffsetsRequest,
    DeleteShareGroupOffsetsRequestTopic,
    DeleteShareGroupOffsetsResponse,
    DeleteShareGroupOffsetsResponseTopic,
)
from tests.support.encoded import assert_encoded

TOPIC_ID = bytes(range(16))


def test_a_request() -> None:
    value = DeleteShareGroupOffsetsRequest(
        group_id="g", topics=[DeleteShareGroupOffsetsRequestTopic(topic_name="t")]
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "02670202740000")


def test_a_response() -> None:
    value = DeleteShareGroupOffsetsResponse(
        responses=[
            DeleteShareGroupOffsetsResponseTopic(
                topic_name="t", topic_id=TOPIC_ID, error_code=3, error_message="none"
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(
        value, 0, "00000000000000020274000102030405060708090a0b0c0d0e0f0003056e6f6e650000"
    )

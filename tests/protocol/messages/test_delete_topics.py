"""DeleteTopics, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.delete_topics import (
    DeletableTopicResult,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
    DeleteTopicState,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = DeleteTopicsRequest(topic_names=["t"], timeout_ms=1000)

    # Kafka 3.9.1
    assert_encoded(request, 0, "00000001000174000003e8")


def test_the_last_request() -> None:
    request = DeleteTopicsRequest(
        topics=[DeleteTopicState(name=None, topic_id=bytes(range(16)))], timeout_ms=1000
    )

    # Kafka 4.3.1
    assert_encoded(request, 6, "0200000102030405060708090a0b0c0d0e0f00000003e800")


def test_the_first_response() -> None:
    response = DeleteTopicsResponse(responses=[DeletableTopicResult(name="t", error_code=3)])

    # Kafka 3.9.1
    assert_encoded(response, 0, "000000010001740003")


def test_the_last_response() -> None:
    response = DeleteTopicsResponse(
        responses=[
            DeletableTopicResult(
                name=None, topic_id=bytes(range(16)), error_code=100, error_message="gone"
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(response, 6, "000000000200000102030405060708090a0b0c0d0e0f006405676f6e650000")

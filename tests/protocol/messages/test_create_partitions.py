"""CreatePartitions, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.create_partitions import (
    CreatePartitionsAssignment,
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreatePartitionsTopic,
    CreatePartitionsTopicResult,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = CreatePartitionsRequest(
        topics=[
            CreatePartitionsTopic(
                name="t", count=6, assignments=[CreatePartitionsAssignment(broker_ids=[1])]
            )
        ],
        timeout_ms=1000,
        validate_only=False,
    )

    # Kafka 4.3.1
    assert_encoded(request, 0, "0000000100017400000006000000010000000100000001000003e800")


def test_the_last_request() -> None:
    request = CreatePartitionsRequest(
        topics=[CreatePartitionsTopic(name="t", count=6, assignments=None)],
        timeout_ms=1000,
        validate_only=True,
    )

    # Kafka 4.3.1
    assert_encoded(request, 3, "020274000000060000000003e80100")


def test_the_first_response() -> None:
    response = CreatePartitionsResponse(
        results=[CreatePartitionsTopicResult(name="t", error_code=37, error_message="no")]
    )

    # Kafka 4.3.1
    assert_encoded(response, 0, "0000000000000001000174002500026e6f")


def test_the_last_response() -> None:
    response = CreatePartitionsResponse(
        results=[CreatePartitionsTopicResult(name="t", error_code=0)]
    )

    # Kafka 4.3.1
    assert_encoded(response, 3, "000000000202740000000000")

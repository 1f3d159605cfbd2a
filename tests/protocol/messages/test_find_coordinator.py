"""FindCoordinator, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.find_coordinator import (
    Coordinator,
    FindCoordinatorRequest,
    FindCoordinatorResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = FindCoordinatorRequest(key="g")

    # Kafka 4.3.1
    assert_encoded(request, 0, "000167")


def test_the_last_request() -> None:
    request = FindCoordinatorRequest(key_type=1, coordinator_keys=["x", "y"])

    # Kafka 4.3.1
    assert_encoded(request, 6, "01030278027900")


def test_the_first_response() -> None:
    response = FindCoordinatorResponse(error_code=0, node_id=1, host="h", port=9092)

    # Kafka 4.3.1
    assert_encoded(response, 0, "00000000000100016800002384")


def test_the_last_response() -> None:
    response = FindCoordinatorResponse(
        coordinators=[
            Coordinator(key="x", node_id=1, host="h", port=9092, error_code=0, error_message=None)
        ]
    )

    # Kafka 4.3.1
    assert_encoded(response, 6, "00000000020278000000010268000023840000000000")

"""DeleteGroups, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.delete_groups import (
    DeletableGroupResult,
    DeleteGroupsRequest,
    DeleteGroupsResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = DeleteGroupsRequest(groups_names=["g"])

    # Kafka 4.3.1
    assert_encoded(request, 0, "00000001000167")


def test_the_last_request() -> None:
    request = DeleteGroupsRequest(groups_names=["g", "h"])

    # Kafka 4.3.1
    assert_encoded(request, 2, "030267026800")


def test_the_first_response() -> None:
    response = DeleteGroupsResponse(
        throttle_time_ms=0, results=[DeletableGroupResult(group_id="g", error_code=68)]
    )

    # Kafka 4.3.1
    assert_encoded(response, 0, "00000000000000010001670044")


def test_the_last_response() -> None:
    response = DeleteGroupsResponse(
        throttle_time_ms=0, results=[DeletableGroupResult(group_id="g", error_code=0)]
    )

    # Kafka 4.3.1
    assert_encoded(response, 2, "0000000002026700000000")

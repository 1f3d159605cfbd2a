"""ListConfigResources, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.list_config_resources import (
    ConfigResource,
    ListConfigResourcesRequest,
    ListConfigResourcesResponse,
)
from tests.support.encoded import assert_encoded


def test_the_request() -> None:
    value = ListConfigResourcesRequest(resource_types=[16, 32])

    # Kafka 4.3.1
    assert_encoded(value, 1, "03102000")


def test_the_first_response() -> None:
    value = ListConfigResourcesResponse(
        error_code=0, config_resources=[ConfigResource(resource_name="m")]
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "00000000000002026d0000")


def test_the_last_response() -> None:
    value = ListConfigResourcesResponse(
        error_code=0, config_resources=[ConfigResource(resource_name="m")]
    )

    # Kafka 4.3.1
    assert_encoded(value, 1, "00000000000002026d100000")

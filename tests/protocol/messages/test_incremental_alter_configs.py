"""IncrementalAlterConfigs, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.incremental_alter_configs import (
    IncrementalAlterableConfig,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResource,
    IncrementalAlterConfigsResourceResponse,
    IncrementalAlterConfigsResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    value = IncrementalAlterConfigsRequest(
        resources=[
            IncrementalAlterConfigsResource(
                resource_type=32,
                resource_name="g",
                configs=[
                    IncrementalAlterableConfig(name="k", value="v"),
                    IncrementalAlterableConfig(name="d", config_operation=1, value=None),
                ],
            )
        ],
        validate_only=True,
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "00000001200001670000000200016b0000017600016401ffff01")


def test_the_last_request() -> None:
    value = IncrementalAlterConfigsRequest(
        resources=[
            IncrementalAlterConfigsResource(
                resource_type=32,
                resource_name="g",
                configs=[
                    IncrementalAlterableConfig(name="k", value="v"),
                    IncrementalAlterableConfig(name="d", config_operation=1, value=None),
                ],
            )
        ],
        validate_only=True,
    )

    # Kafka 4.3.1
    assert_encoded(value, 1, "0220026703026b000276000264010000000100")


def test_the_first_response() -> None:
    value = IncrementalAlterConfigsResponse(
        responses=[
            IncrementalAlterConfigsResourceResponse(
                error_code=40, error_message="no", resource_type=2, resource_name="t"
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "0000000000000001002800026e6f02000174")


def test_the_last_response() -> None:
    value = IncrementalAlterConfigsResponse(
        responses=[
            IncrementalAlterConfigsResourceResponse(
                error_code=40, error_message="no", resource_type=2, resource_name="t"
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(value, 1, "00000000020028036e6f0202740000")

"""AlterConfigs, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.alter_configs import (
    AlterableConfig,
    AlterConfigsRequest,
    AlterConfigsResource,
    AlterConfigsResourceResponse,
    AlterConfigsResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    value = AlterConfigsRequest(
        resources=[
            AlterConfigsResource(
                resource_type=2,
                resource_name="t",
                configs=[
                    AlterableConfig(name="k", value="v"),
                    AlterableConfig(name="n", value=None),
                ],
            )
        ],
        validate_only=True,
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "00000001020001740000000200016b00017600016effff01")


def test_the_last_request() -> None:
    value = AlterConfigsRequest(
        resources=[
            AlterConfigsResource(
                resource_type=2,
                resource_name="t",
                configs=[
                    AlterableConfig(name="k", value="v"),
                    AlterableConfig(name="n", value=None),
                ],
            )
        ],
        validate_only=True,
    )

    # Kafka 4.3.1
    assert_encoded(value, 2, "0202027403026b027600026e0000000100")


def test_the_first_response() -> None:
    value = AlterConfigsResponse(
        responses=[
            AlterConfigsResourceResponse(
                error_code=40, error_message="no", resource_type=2, resource_name="t"
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "0000000000000001002800026e6f02000174")


def test_the_last_response() -> None:
    value = AlterConfigsResponse(
        responses=[
            AlterConfigsResourceResponse(
                error_code=40, error_message="no", resource_type=2, resource_name="t"
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(value, 2, "00000000020028036e6f0202740000")

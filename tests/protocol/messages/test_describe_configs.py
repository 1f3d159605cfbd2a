"""DescribeConfigs, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResourceResult,
    DescribeConfigsResponse,
    DescribeConfigsResult,
    DescribeConfigsSynonym,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = DescribeConfigsRequest(
        resources=[
            DescribeConfigsResource(resource_type=2, resource_name="t", configuration_keys=None)
        ]
    )

    # Kafka 3.9.1
    assert_encoded(request, 0, "0000000102000174ffffffff")


def test_the_last_request() -> None:
    request = DescribeConfigsRequest(
        resources=[
            DescribeConfigsResource(resource_type=4, resource_name="1", configuration_keys=["k"])
        ],
        include_synonyms=True,
        include_documentation=True,
    )

    # Kafka 4.3.1
    assert_encoded(request, 4, "0204023102026b00010100")


def test_the_first_response() -> None:
    response = DescribeConfigsResponse(
        throttle_time_ms=0,
        results=[
            DescribeConfigsResult(
                error_code=0,
                error_message=None,
                resource_type=2,
                resource_name="t",
                configs=[
                    DescribeConfigsResourceResult(
                        name="k", value="v", read_only=False, is_default=True, is_sensitive=False
                    )
                ],
            )
        ],
    )

    # Kafka 3.9.1
    assert_encoded(response, 0, "00000000000000010000ffff020001740000000100016b000176000100")


def test_the_last_response() -> None:
    response = DescribeConfigsResponse(
        throttle_time_ms=0,
        results=[
            DescribeConfigsResult(
                error_code=0,
                error_message=None,
                resource_type=2,
                resource_name="t",
                configs=[
                    DescribeConfigsResourceResult(
                        name="k",
                        value="v",
                        read_only=False,
                        config_source=5,
                        is_sensitive=False,
                        synonyms=[DescribeConfigsSynonym(name="log.k", value="v", source=5)],
                        config_type=2,
                        documentation="d",
                    )
                ],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        4,
        "000000000200000002027402026b027600050002066c6f672e6b02760500020264000000",
    )

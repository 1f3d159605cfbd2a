"""ApiVersions, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.api_versions import (
    ApiVersion,
    ApiVersionsRequest,
    ApiVersionsResponse,
    FinalizedFeatureKey,
    SupportedFeatureKey,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = ApiVersionsRequest()

    # Kafka 4.3.1
    assert_encoded(request, 0, "")


def test_the_last_request() -> None:
    request = ApiVersionsRequest(client_software_name="n", client_software_version="1.0")

    # Kafka 4.3.1
    assert_encoded(request, 4, "026e04312e3000")


def test_the_first_response() -> None:
    response = ApiVersionsResponse(
        error_code=35, api_keys=[ApiVersion(api_key=18, min_version=0, max_version=4)]
    )

    # Kafka 4.3.1
    assert_encoded(response, 0, "002300000001001200000004")


def test_the_last_response() -> None:
    response = ApiVersionsResponse(
        error_code=0,
        api_keys=[ApiVersion(api_key=18, min_version=0, max_version=4)],
        supported_features=[
            SupportedFeatureKey(name="group.version", min_version=0, max_version=1)
        ],
        finalized_features_epoch=9,
        finalized_features=[
            FinalizedFeatureKey(name="group.version", max_version_level=1, min_version_level=1)
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        4,
        "0000020012000000040000000000030014020e67726f75702e76657273696f6e"
        "0000000100010800000000000000090214020e67726f75702e76657273696f6e"
        "0001000100",
    )

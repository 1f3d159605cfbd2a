"""UpdateFeatures, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.update_features import (
    FeatureUpdateKey,
    UpdatableFeatureResult,
    UpdateFeaturesRequest,
    UpdateFeaturesResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    value = UpdateFeaturesRequest(
        feature_updates=[FeatureUpdateKey(feature="f", max_version_level=2)]
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "0000ea600202660002000000")


def test_the_last_request() -> None:
    value = UpdateFeaturesRequest(
        feature_updates=[FeatureUpdateKey(feature="f", max_version_level=2)]
    )

    # Kafka 4.3.1
    assert_encoded(value, 2, "0000ea60020266000201000000")


def test_the_response() -> None:
    value = UpdateFeaturesResponse(
        error_code=0,
        error_message=None,
        results=[UpdatableFeatureResult(feature="f", error_code=0, error_message=None)],
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "000000000000000202660000000000")

"""UpdateFeatures (key 57): raise or lower finalised features (KIP-584)."""

from kafkacompat_protocol.schema import Bool, Int8, Int16, Int32, String, at, message, struct


@struct
class FeatureUpdateKey:
    feature: String
    max_version_level: Int16
    allow_downgrade: Bool = at("0", default=False)
    upgrade_type: Int8 = at("1+", default=1)
    """1 upgrade, 2 safe downgrade, 3 unsafe downgrade."""


# v1 adds validate_only, and upgrade_type in place of allow_downgrade (KIP-778).
@message(key=57, versions="0-2", flexible="0+")
class UpdateFeaturesRequest:
    timeout_ms: Int32 = at(default=60000)
    feature_updates: list[FeatureUpdateKey]
    validate_only: Bool = at("1+", default=False)


@struct
class UpdatableFeatureResult:
    feature: String
    error_code: Int16
    error_message: String | None


# v2 has no results of single features: the whole request is answered at once.
@message(key=57, versions="0-2", flexible="0+")
class UpdateFeaturesResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
    error_message: String | None
    results: list[UpdatableFeatureResult] = at("0-1", default_factory=list)

"""ApiVersions (key 18): agree on the versions of all requests."""

from kafkacompat_protocol.schema import Bool, Int16, Int32, Int64, String, at, message, struct


# v3 is flexible and says what the client is (KIP-511).
@message(key=18, versions="0-4", flexible="3+")
class ApiVersionsRequest:
    client_software_name: String = at("3+", default="")
    client_software_version: String = at("3+", default="")


@struct
class ApiVersion:
    api_key: Int16
    min_version: Int16
    max_version: Int16


@struct
class SupportedFeatureKey:
    name: String
    min_version: Int16
    max_version: Int16


@struct
class FinalizedFeatureKey:
    name: String
    max_version_level: Int16
    min_version_level: Int16


# The response's header is v0 whatever the version, so that any client can read it.
# v1 adds throttle_time_ms; v3 is flexible and adds the cluster's features (KIP-584);
# v4 may list features whose lowest version is 0 (KIP-1022).
@message(key=18, versions="0-4", flexible="3+")
class ApiVersionsResponse:
    error_code: Int16
    api_keys: list[ApiVersion]
    throttle_time_ms: Int32 = at("1+", default=0)
    supported_features: list[SupportedFeatureKey] = at("3+", tag=0, default_factory=list)
    finalized_features_epoch: Int64 = at("3+", tag=1, default=-1)
    finalized_features: list[FinalizedFeatureKey] = at("3+", tag=2, default_factory=list)
    zk_migration_ready: Bool = at("3+", tag=3, default=False)

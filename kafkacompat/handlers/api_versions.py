"""ApiVersions (key 18): which versions of which requests are answered here.

A request of a version above ours gets the v0 form with UNSUPPORTED_VERSION and one entry, this
key's own range (KIP-511). v3 adds features; those whose lowest version is 0 are listed from v4
on only, because older Java clients refuse them.
"""

from kafkacompat.config.profiles import Profile
from kafkacompat.handlers._index import HANDLERS
from kafkacompat.metadata.features import supported_features
from kafkacompat.server.call import Call
from kafkacompat.server.routes import ANYONE, handles
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.api_versions import (
    ApiVersion,
    ApiVersionsRequest,
    ApiVersionsResponse,
    FinalizedFeatureKey,
    SupportedFeatureKey,
)

KEY, PRODUCE_KEY = 18, 0
MAX_SOFTWARE_NAME = 255


@handles(ApiVersionsRequest, versions="0-4", authorise=ANYONE)
def api_versions(call: Call, request: ApiVersionsRequest) -> ApiVersionsResponse:
    """Answer the generated index, and the cluster's features.

    Errors: INVALID_REQUEST for a client name or version that is no such thing.
    """
    if call.version >= 3:
        software = (request.client_software_name, request.client_software_version)
        if not all(_is_software_name(word) for word in software):
            return ApiVersionsResponse(error_code=ErrorCode.INVALID_REQUEST, api_keys=[])
        call.connection.client_software = software
    image, profile = call.node.image, call.node.profile
    features = _features(profile)
    return ApiVersionsResponse(
        error_code=0,
        api_keys=_ranges(profile),
        supported_features=[
            SupportedFeatureKey(name=name, min_version=lowest, max_version=highest)
            for name, (lowest, highest) in features.items()
            if lowest > 0 or call.version >= 4
        ],
        finalized_features_epoch=max(0, call.node.metadata_log.end_offset - 1),
        finalized_features=[
            FinalizedFeatureKey(name=name, max_version_level=level, min_version_level=level)
            for name, level in image.features.items()
            if name in features
        ],
    )


def unsupported_version(profile: Profile | None) -> ApiVersionsResponse:
    """Return the answer, in form v0, to an ApiVersions request that is newer than we are."""
    own = next(each for each in _ranges(profile) if each.api_key == KEY)
    return ApiVersionsResponse(error_code=ErrorCode.UNSUPPORTED_VERSION, api_keys=[own])


def _features(profile: Profile | None) -> dict[str, tuple[int, int]]:
    """Return the levels of each feature that are offered."""
    found = supported_features()
    if profile is None:
        return found
    return {name: (found[name][0], level) for name, level in profile.features.items()}


def _ranges(profile: Profile | None) -> list[ApiVersion]:
    found = []
    for key, entry in HANDLERS.items():
        first, last = entry[0], entry[1]
        if profile is not None:
            its_first, its_last = profile.apis.get(key, (0, -1))
            # As Apache Kafka 4, which says so for the sake of old librdkafka (KAFKA-18659).
            first = first if key == PRODUCE_KEY else max(first, its_first)
            last = min(last, its_last)
        if first <= last:
            found.append(ApiVersion(api_key=key, min_version=first, max_version=last))
    return found


def _is_software_name(word: str) -> bool:
    """Whether a word fits KIP-511: letters and digits, with - and . between them."""
    inner = word.replace("-", "").replace(".", "")
    if not word or len(word) > MAX_SOFTWARE_NAME or not (inner.isascii() and inner.isalnum()):
        return False
    return word[0] not in "-." and word[-1] not in "-."

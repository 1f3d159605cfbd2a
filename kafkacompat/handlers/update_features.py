"""UpdateFeatures (key 57): raise or lower finalised features (KIP-584).

v1 adds validate_only, and upgrade_type in place of allow_downgrade (KIP-778); v2 answers for the
whole request at once.
"""

from functools import partial

from kafkacompat.handlers.config_resources import CLUSTER
from kafkacompat.metadata import feature_commands
from kafkacompat.metadata.feature_commands import FeatureUpdate, UpgradeType
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.update_features import (
    FeatureUpdateKey,
    UpdatableFeatureResult,
    UpdateFeaturesRequest,
    UpdateFeaturesResponse,
)

FIRST_VERSION_FOR_ALL = 2


def refuse(
    request: UpdateFeaturesRequest, code: ErrorCode, message: str | None
) -> UpdateFeaturesResponse:
    """Answer with one error for all."""
    return UpdateFeaturesResponse(error_code=code, error_message=message)


@handles(
    UpdateFeaturesRequest,
    versions="0-2",
    authorise=needs(Operation.ALTER, Resource.CLUSTER),
    refuse=refuse,
)
async def update_features(call: Call, request: UpdateFeaturesRequest) -> UpdateFeaturesResponse:
    """Change all features or none.

    Errors: CLUSTER_AUTHORIZATION_FAILED, KAFKA_STORAGE_ERROR, those of `update_features`.
    """
    code = call.check(Operation.ALTER, Resource.CLUSTER, CLUSTER)
    if code:
        raise KafkaError(code)
    node = call.node
    command = partial(
        feature_commands.update_features,
        broker=node.config,
        updates=[_update(each, call.version) for each in request.feature_updates],
        node_id=node.node_id,
    )
    if request.validate_only:
        command(node.image)
    else:
        await node.controller.carry_out(command)
    return UpdateFeaturesResponse(
        error_code=0,
        error_message=None,
        results=[
            UpdatableFeatureResult(feature=each.feature, error_code=0, error_message="NONE")
            for each in request.feature_updates
        ]
        if call.version < FIRST_VERSION_FOR_ALL
        else [],
    )


def _update(each: FeatureUpdateKey, version: int) -> FeatureUpdate:
    kind = each.upgrade_type
    if version == 0:
        kind = UpgradeType.SAFE_DOWNGRADE if each.allow_downgrade else UpgradeType.UPGRADE
    return FeatureUpdate(each.feature, each.max_version_level, kind)

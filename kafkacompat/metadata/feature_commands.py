"""Changes of finalised features: from an image and a wish to records. Pure.

The errors are Apache Kafka's, codes and words.

Spec: KIP-584, KIP-778 (downgrades), KIP-1022 (features beside metadata.version).
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple, NoReturn

from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata.commands import settings_for_elr
from kafkacompat.metadata.features import METADATA_FEATURE, supported_features
from kafkacompat.metadata.image import MetadataImage
from kafkacompat.metadata.record_versions import ELR_FEATURE, LEVEL_4_3
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.settings import FeatureLevelRecord

LEVELS_WITH_NEW_METADATA = (7, 8, 11, 13, 14, 15, 17, 23, LEVEL_4_3)
"""Levels of metadata.version whose records an older Kafka would lose."""
ELR_NEEDS = 23, "4.0-IV1"
_FOR_ALL = "The update failed for all features since the following feature had an error: "


class UpgradeType(IntEnum):
    """What a change of a feature may be."""

    UPGRADE = 1
    SAFE_DOWNGRADE = 2
    UNSAFE_DOWNGRADE = 3


class FeatureUpdate(NamedTuple):
    """The level that a feature is to have; 0 takes it away."""

    name: str
    level: int
    upgrade_type: int


def update_features(
    image: MetadataImage, broker: BrokerConfig, updates: Sequence[FeatureUpdate], node_id: int
) -> list[Any]:
    """Return the records of all updates; of those of one feature the first counts.

    Errors: INVALID_UPDATE_VERSION, for the first that cannot be.
    """
    wanted: dict[str, FeatureUpdate] = {}
    for update in updates:
        wanted.setdefault(update.name, update)
    proposed = dict(image.features) | {name: each.level for name, each in wanted.items()}
    records: list[Any] = []
    for update in wanted.values():
        current = image.features.get(update.name, 0)
        _check(update, current, node_id)
        _check_dependencies(update, proposed)
        if update.level == current:
            continue
        if update.name == ELR_FEATURE and update.level:
            records += settings_for_elr(image, broker)
        records.append(FeatureLevelRecord(name=update.name, feature_level=update.level))
    return records


def _check(update: FeatureUpdate, current: int, node_id: int) -> None:
    reason = None
    if update.upgrade_type not in tuple(UpgradeType):
        reason = "The controller does not support the given upgrade type."
    elif update.level < 0:
        reason = "A feature version cannot be less than 0."
    else:
        reason = _unsupported(update, current, node_id)
    if reason is None and update.level < current:
        if update.upgrade_type == UpgradeType.UPGRADE:
            reason = (
                "Can't downgrade the version of this feature without setting the upgrade type to"
                " either safe or unsafe downgrade."
            )
        elif update.name == METADATA_FEATURE:
            _check_metadata_downgrade(update, current)
    elif reason is None and update.level > current and update.upgrade_type != UpgradeType.UPGRADE:
        reason = "Can't downgrade to a newer version."
    if reason is not None:
        _refuse(f"Invalid update version {update.level} for feature {update.name}. {reason}")


def _unsupported(update: FeatureUpdate, current: int, node_id: int) -> str | None:
    """Say why this node cannot have a level, None if it can. What we do not know can only go."""
    known = supported_features().get(update.name)
    if known is None:
        if update.level:
            return f"Local controller {node_id} does not support this feature."
        return None if current else f"Feature {update.name} not found."
    lowest, highest = known
    if lowest <= update.level <= highest:
        return None
    return f"Local controller {node_id} only supports versions {lowest}-{highest}"


def _check_metadata_downgrade(update: FeatureUpdate, current: int) -> None:
    if not any(update.level < level <= current for level in LEVELS_WITH_NEW_METADATA):
        return
    reason = (
        "Unsafe metadata downgrade is not supported in this version."
        if update.upgrade_type == UpgradeType.UNSAFE_DOWNGRADE
        else "Refusing to perform the requested downgrade because it might delete metadata"
        " information."
    )
    _refuse(f"Unsupported {METADATA_FEATURE} downgrade from {current} to {update.level}. {reason}")


def _check_dependencies(update: FeatureUpdate, proposed: Mapping[str, int]) -> None:
    level, name = ELR_NEEDS
    if update.name != ELR_FEATURE or not update.level:
        return
    if proposed.get(METADATA_FEATURE, 0) < level:
        _refuse(
            f"Invalid update version {update.level} for feature {update.name}. {update.name} could"
            f" not be set to {update.level} because it depends on {METADATA_FEATURE}={level}"
            f" ({name})"
        )


def _refuse(message: str) -> NoReturn:
    raise KafkaError(ErrorCode.INVALID_UPDATE_VERSION, _FOR_ALL + message)

"""What changes of configurations append: from an image and a wish to records. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from kafkacompat.config import keys
from kafkacompat.config.values import BrokerConfig, TopicConfig
from kafkacompat.metadata.config_checks import (
    ROWS,
    check_elr,
    check_resource,
    check_values,
    is_list,
)
from kafkacompat.metadata.image import RESOURCE_TOPIC, MetadataImage
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.settings import ConfigRecord


class Alteration(IntEnum):
    """What is done to a key."""

    SET = 0
    DELETE = 1
    APPEND = 2
    SUBTRACT = 3


class Change(NamedTuple):
    """One key, and what is done to it."""

    name: str
    operation: int
    value: str | None


def alter_configs(
    image: MetadataImage,
    broker: BrokerConfig,
    resource_type: int,
    resource_name: str,
    changes: Sequence[Change],
) -> list[Any]:
    """Return the records of changes to single keys of one resource.

    Errors: INVALID_REQUEST, INVALID_CONFIG, UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION.
    """
    check_changes(changes)
    check_resource(image, resource_type, resource_name, broker.get(keys.NODE_ID))
    own = dict(image.config(resource_type, resource_name))
    for change in changes:
        value = _altered(broker, resource_type, change, own)
        if value is None:
            own.pop(change.name, None)
        else:
            own[change.name] = value
    new = [each.name for each in changes if each.operation != Alteration.DELETE]
    check_values(broker, resource_type, resource_name, own, new)
    return _records(image, resource_type, resource_name, own)


def replace_configs(
    image: MetadataImage,
    broker: BrokerConfig,
    resource_type: int,
    resource_name: str,
    values: Sequence[tuple[str, str | None]],
) -> list[Any]:
    """Return the records by which one resource has these settings, and no others.

    Errors: those of `alter_configs`.
    """
    check_changes([Change(name, Alteration.SET, value) for name, value in values])
    check_resource(image, resource_type, resource_name, broker.get(keys.NODE_ID))
    own = {name: value for name, value in values if value is not None}
    check_values(broker, resource_type, resource_name, own, own)
    return _records(image, resource_type, resource_name, own)


def check_changes(changes: Sequence[Change]) -> None:
    """Check what makes no sense, whatever it is about. Errors: INVALID_REQUEST."""
    if any(count > 1 for count in Counter(change.name for change in changes).values()):
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Error due to duplicate config keys")
    empty = [
        change.name
        for change in changes
        if change.value is None and change.operation != Alteration.DELETE
    ]
    if empty:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST, f"Null value not supported for : {', '.join(empty)}"
        )


def _altered(
    broker: BrokerConfig, resource_type: int, change: Change, own: Mapping[str, str]
) -> str | None:
    """Return a key's new value, None where it has none of its own any more."""
    if change.operation == Alteration.DELETE:
        return None
    if change.operation == Alteration.SET:
        return change.value
    if change.operation not in (Alteration.APPEND, Alteration.SUBTRACT):
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Unknown operation {change.operation}")
    if not is_list(resource_type, change.name):
        raise KafkaError(
            ErrorCode.INVALID_CONFIG,
            f"Can't {Alteration(change.operation).name} to key {change.name} because its type is"
            " not LIST.",
        )
    row = ROWS[resource_type][change.name]
    config = TopicConfig(broker, own) if resource_type == RESOURCE_TOPIC else broker
    before = own.get(change.name, row.text(config.get(row)) or "")
    words = [word.strip() for word in before.split(",") if word.strip()]
    given = [word.strip() for word in (change.value or "").split(",") if word.strip()]
    if change.operation == Alteration.APPEND:
        words += [word for word in given if word not in words]
    else:
        words = [word for word in words if word not in given]
    return ",".join(words)


def _records(
    image: MetadataImage, resource_type: int, resource_name: str, own: Mapping[str, str]
) -> list[Any]:
    """Return the records that make a resource's settings `own`; none for what is so already."""
    before = image.config(resource_type, resource_name)
    changed: dict[str, str | None] = {name: None for name in before if name not in own}
    changed |= {name: value for name, value in own.items() if value != before.get(name)}
    check_elr(image, resource_type, resource_name, changed)
    return [
        ConfigRecord(
            resource_type=resource_type, resource_name=resource_name, name=name, value=value
        )
        for name, value in changed.items()
    ]

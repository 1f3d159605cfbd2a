"""What changes of configurations append: from an image and a wish to records. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from kafkacompat.config.rows import ConfigType, InvalidValue, Key, Update
from kafkacompat.config.values import BROKER_ROWS, GROUP_ROWS, TOPIC_ROWS
from kafkacompat.metadata.commands import check_topic_name
from kafkacompat.metadata.image import (
    RESOURCE_BROKER,
    RESOURCE_GROUP,
    RESOURCE_TOPIC,
    MetadataImage,
)
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


ROWS: Mapping[int, tuple[str, Mapping[str, Key[Any]]]] = {
    RESOURCE_TOPIC: ("topic", TOPIC_ROWS),
    RESOURCE_BROKER: ("broker", BROKER_ROWS),
    RESOURCE_GROUP: ("group", GROUP_ROWS),
}


def alter_configs(
    image: MetadataImage,
    resource_type: int,
    resource_name: str,
    changes: Sequence[Change],
    node_id: int,
) -> list[Any]:
    """Return the records of changes to the keys of one resource.

    Errors: INVALID_REQUEST, INVALID_CONFIG, UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION.
    """
    if resource_type not in ROWS:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Unsupported resource type: {resource_type}")
    _check_resource(image, resource_type, resource_name, node_id)
    if any(count > 1 for count in Counter(change.name for change in changes).values()):
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Error due to duplicate config keys")
    own = image.config(resource_type, resource_name)
    records = []
    for change in changes:
        value = _altered(resource_type, change, own)
        if value != own.get(change.name):
            records.append(
                ConfigRecord(
                    resource_type=resource_type,
                    resource_name=resource_name,
                    name=change.name,
                    value=value,
                )
            )
    return records


def _check_resource(image: MetadataImage, resource_type: int, name: str, node_id: int) -> None:
    if resource_type == RESOURCE_TOPIC:
        check_topic_name(name)
        if name not in image.topics:
            raise KafkaError(
                ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"The topic '{name}' does not exist."
            )
    elif resource_type == RESOURCE_GROUP and not name:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Default group resources are not allowed.")
    elif resource_type == RESOURCE_BROKER and name not in ("", str(node_id)):
        raise KafkaError(
            ErrorCode.INVALID_REQUEST,
            f"Unexpected broker id, expected {node_id} or empty string, but received {name}",
        )


def _altered(resource_type: int, change: Change, own: Mapping[str, str]) -> str | None:
    """Return a key's new value, None where it has none of its own any more."""
    kind, rows = ROWS[resource_type]
    row = rows.get(change.name)
    if row is None and resource_type != RESOURCE_BROKER:
        raise KafkaError(ErrorCode.INVALID_CONFIG, f"Unknown {kind} config name: {change.name}")
    if row is not None and resource_type == RESOURCE_BROKER and row.update is Update.READ_ONLY:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST,
            f"Cannot update these configs dynamically: Set({change.name})",
        )
    if change.operation == Alteration.DELETE:
        return None
    if change.value is None:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Null value not supported for : {change.name}")
    if change.operation == Alteration.SET:
        value = change.value
    elif change.operation in (Alteration.APPEND, Alteration.SUBTRACT):
        value = _listed(change, row, own)
    else:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Unknown operation {change.operation}")
    if row is not None:
        try:
            row.parse(value)
        except InvalidValue as error:
            raise KafkaError(ErrorCode.INVALID_CONFIG, str(error)) from None
    return value


def _listed(change: Change, row: Key[Any] | None, own: Mapping[str, str]) -> str:
    """Return a list with something added or taken away."""
    operation = Alteration(change.operation).name
    if row is None or row.kind.type is not ConfigType.LIST:
        raise KafkaError(
            ErrorCode.INVALID_CONFIG,
            f"Can't {operation} to key {change.name} because its type is not LIST.",
        )
    before = own.get(change.name, row.text(row.default) or "")
    words = [word.strip() for word in before.split(",") if word.strip()]
    given = [word.strip() for word in (change.value or "").split(",") if word.strip()]
    if change.operation == Alteration.APPEND:
        words += [word for word in given if word not in words]
    else:
        words = [word for word in words if word not in given]
    return ",".join(words)

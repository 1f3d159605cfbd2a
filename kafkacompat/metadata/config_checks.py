"""What a resource's configuration may be: the errors are Apache Kafka's, codes and words. Pure.

Its broker checks what is asked of brokers (INVALID_REQUEST), its controller all the rest
(INVALID_CONFIG).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from kafkacompat.config.group_bounds import check_group_bounds
from kafkacompat.config.keys.client_metrics import (
    MAX_INTERVAL_MS,
    MIN_INTERVAL_MS,
    check_patterns,
)
from kafkacompat.config.rows import ConfigType, InvalidValue, Key, Update
from kafkacompat.config.values import (
    BROKER_ROWS,
    CLIENT_METRICS_ROWS,
    GROUP_ROWS,
    TOPIC_ROWS,
    BrokerConfig,
    TopicConfig,
)
from kafkacompat.metadata.image import (
    RESOURCE_BROKER,
    RESOURCE_CLIENT_METRICS,
    RESOURCE_GROUP,
    RESOURCE_TOPIC,
    MetadataImage,
)
from kafkacompat.metadata.record_versions import ELR_FEATURE
from kafkacompat.metadata.topic_names import check_topic_name
from kafkacompat_protocol.errors import ErrorCode, KafkaError

MAX_VALUE_LENGTH = (1 << 15) - 1
MIN_INSYNC = "min.insync.replicas"

ROWS: Mapping[int, Mapping[str, Key[Any]]] = {
    RESOURCE_TOPIC: TOPIC_ROWS,
    RESOURCE_BROKER: BROKER_ROWS,
    RESOURCE_CLIENT_METRICS: CLIENT_METRICS_ROWS,
    RESOURCE_GROUP: GROUP_ROWS,
}
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)


def check_resource(image: MetadataImage, resource_type: int, name: str, node_id: int) -> None:
    """Check that a resource can have a configuration.

    Errors: INVALID_REQUEST, INVALID_TOPIC_EXCEPTION, UNKNOWN_TOPIC_OR_PARTITION.
    """
    if resource_type not in ROWS:
        _refuse(f"Unknown resource type {resource_type}")
    if resource_type == RESOURCE_BROKER:
        if name:
            check_node_id(name, node_id, "Unexpected broker id, expected {0}, but received {1}")
    elif not name:
        _refuse(
            {
                RESOURCE_TOPIC: "Default topic resources are not allowed.",
                RESOURCE_GROUP: "Default group resources are not allowed.",
                RESOURCE_CLIENT_METRICS: "Subscription name can't be empty",
            }[resource_type]
        )
    elif resource_type == RESOURCE_TOPIC:
        check_topic_name(name)
        if name not in image.topics:
            raise KafkaError(
                ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"The topic '{name}' does not exist."
            )


def check_node_id(name: str, node_id: int, words: str, noun: str = "Node") -> None:
    """Check that a resource's name is this node's id. Errors: INVALID_REQUEST."""
    if not _INTEGER.fullmatch(name):
        _refuse(f"{noun} id must be an integer, but it is: {name}")
    if name != str(node_id):
        _refuse(words.format(node_id, name))


def check_values(
    broker: BrokerConfig, resource_type: int, name: str, own: Mapping[str, str], new: Iterable[str]
) -> None:
    """Check what a resource is to have, `own`, of which the keys in `new` are given just now.

    Errors: INVALID_REQUEST, INVALID_CONFIG.
    """
    given = {key: own[key] for key in new}
    for text in given.values():
        if len(text) > MAX_VALUE_LENGTH:
            raise KafkaError(
                ErrorCode.INVALID_CONFIG,
                "The configuration value cannot be added because it exceeds the maximum value"
                f" size of {MAX_VALUE_LENGTH} bytes.",
            )
    if resource_type == RESOURCE_TOPIC:
        for key in given:
            check_topic_key(key)
        for key, text in given.items():
            check_topic_config(key, text)
        check_whole_topic(broker, own)
    elif resource_type == RESOURCE_BROKER:
        _check_broker(name, given)
    elif resource_type == RESOURCE_GROUP:
        _check_group(broker, given)
    else:
        _check_client_metrics(given)


def check_topic_key(name: str) -> None:
    """Errors: INVALID_CONFIG, for a key that topics do not have."""
    if name not in TOPIC_ROWS:
        raise KafkaError(ErrorCode.INVALID_CONFIG, f"Unknown topic config name: {name}")


def check_topic_config(name: str, text: str | None) -> None:
    """Errors: INVALID_CONFIG, for a key that topics do not have or a value it does not take."""
    check_topic_key(name)
    if text is None:
        raise KafkaError(
            ErrorCode.INVALID_CONFIG, f"Null value not supported for topic configs: {name}"
        )
    _parse(TOPIC_ROWS[name], text, ErrorCode.INVALID_CONFIG)


def check_whole_topic(broker: BrokerConfig, own: Mapping[str, str]) -> None:
    """Check keys of a topic against each other. Errors: INVALID_CONFIG."""
    config = TopicConfig(broker, own)
    if config.get(TOPIC_ROWS["remote.storage.enable"]):
        raise KafkaError(
            ErrorCode.INVALID_CONFIG,
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured"
            " with remote log storage.",
        )
    shortest = config.get(TOPIC_ROWS["min.compaction.lag.ms"])
    longest = config.get(TOPIC_ROWS["max.compaction.lag.ms"])
    if shortest > longest:
        raise KafkaError(
            ErrorCode.INVALID_CONFIG,
            f"conflict topic config setting min.compaction.lag.ms ({shortest})"
            f" > max.compaction.lag.ms ({longest})",
        )


def check_elr(
    image: MetadataImage, resource_type: int, resource: str, changed: Mapping[str, str | None]
) -> None:
    """Check what eligible leader replicas rest on (KIP-966): one min.insync.replicas for all.

    Errors: INVALID_CONFIG.
    """
    if resource_type != RESOURCE_BROKER or MIN_INSYNC not in changed:
        return
    if not image.features.get(ELR_FEATURE):
        return
    if resource:
        raise KafkaError(
            ErrorCode.INVALID_CONFIG,
            f"Broker-level {MIN_INSYNC} cannot be altered while ELR is enabled.",
        )
    if changed[MIN_INSYNC] is None:
        raise KafkaError(
            ErrorCode.INVALID_CONFIG,
            f"Cluster-level {MIN_INSYNC} cannot be removed while ELR is enabled.",
        )


def _check_broker(resource: str, given: Mapping[str, str]) -> None:
    """Errors: INVALID_REQUEST, all keys of one kind named in one message."""
    from kafkacompat.config import kafkas_keys as kafkas  # rarely needed: not at start

    fixed = [
        name
        for name in given
        if (name in BROKER_ROWS and BROKER_ROWS[name].update is Update.READ_ONLY)
        or (
            name in kafkas.KAFKAS_KEYS
            and name not in kafkas.KAFKAS_DYNAMIC | kafkas.KAFKAS_PER_LISTENER
        )
    ]
    _refuse_some(fixed, "Cannot update these configs dynamically")
    _refuse_some(
        [name for name in given if name in kafkas.KAFKAS_PER_LISTENER],
        "These security configs can be dynamically updated only per-listener using the listener"
        " prefix",
    )
    for name, text in given.items():
        if name in BROKER_ROWS:
            _parse(BROKER_ROWS[name], text, ErrorCode.INVALID_REQUEST)
    if resource == "":
        each = [
            name
            for name in given
            if (name in BROKER_ROWS and BROKER_ROWS[name].update is Update.PER_BROKER)
            or name in kafkas.KAFKAS_DYNAMIC - kafkas.KAFKAS_CLUSTER_WIDE
        ]
        _refuse_some(
            each,
            "Cannot update these configs at default cluster level, broker id must be specified",
        )


def _check_group(broker: BrokerConfig, given: Mapping[str, str]) -> None:
    for name, text in given.items():
        if name not in GROUP_ROWS:
            raise KafkaError(ErrorCode.INVALID_CONFIG, f"Unknown group config name: {name}")
        _parse(GROUP_ROWS[name], text, ErrorCode.INVALID_CONFIG)
    try:
        check_group_bounds(broker, given)
    except InvalidValue as error:
        raise KafkaError(ErrorCode.INVALID_CONFIG, str(error)) from None


def _check_client_metrics(given: Mapping[str, str]) -> None:
    for name, text in given.items():
        if name not in CLIENT_METRICS_ROWS:
            _refuse(f"Unknown client metrics configuration: {name}")
        value = _parse(CLIENT_METRICS_ROWS[name], text, ErrorCode.INVALID_CONFIG)
        if name == "interval.ms" and not MIN_INTERVAL_MS <= value <= MAX_INTERVAL_MS:
            _refuse(
                f"Invalid value {value} for {name}, interval must be between {MIN_INTERVAL_MS} and"
                f" {MAX_INTERVAL_MS} (1 hour)"
            )
        if name == "match":
            try:
                check_patterns(text)
            except InvalidValue as error:
                raise KafkaError(ErrorCode.INVALID_CONFIG, str(error)) from None


def is_list(resource_type: int, name: str) -> bool:
    """Whether something can be added to a key; as in Kafka never to one of client metrics."""
    row = ROWS[resource_type].get(name)
    return (
        resource_type != RESOURCE_CLIENT_METRICS
        and row is not None
        and row.kind.type is ConfigType.LIST
    )


def _parse(row: Key[Any], text: str, code: ErrorCode) -> Any:
    try:
        return row.parse(text)
    except InvalidValue as error:
        raise KafkaError(code, str(error)) from None


def _refuse_some(names: list[str], why: str) -> None:
    if names:
        _refuse(f"{why}: [{', '.join(sorted(names))}]")


def _refuse(message: str) -> NoReturn:
    raise KafkaError(ErrorCode.INVALID_REQUEST, message)

"""Changes of configurations: from an image and a wish to records."""

import pytest

from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata.config_commands import (
    Alteration,
    Change,
    alter_configs,
    replace_configs,
)
from kafkacompat.metadata.image import RESOURCE_BROKER, RESOURCE_GROUP, RESOURCE_TOPIC
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.settings import ConfigRecord
from kafkacompat_protocol.metadata_records.topics import TopicRecord
from tests.kafkacompat.metadata.test_image import ID, built

SET, DELETE, APPEND, SUBTRACT = Alteration


def config(resource_type: int, resource: str, name: str, value: str | None) -> ConfigRecord:
    return ConfigRecord(resource_type=resource_type, resource_name=resource, name=name, value=value)


IMAGE = built(
    TopicRecord(name="t", topic_id=ID),
    config(RESOURCE_TOPIC, "t", "retention.ms", "5"),
    config(RESOURCE_TOPIC, "t", "cleanup.policy", "compact,delete"),
)


def changed(resource_type: int, name: str, *changes: Change) -> list[tuple[str, str | None]]:
    records = alter_configs(IMAGE, BrokerConfig(), resource_type, name, changes)
    assert {(r.resource_type, r.resource_name) for r in records} <= {(resource_type, name)}
    return [(record.name, record.value) for record in records]


def refused(resource_type: int, name: str, *changes: Change) -> ErrorCode:
    with pytest.raises(KafkaError) as caught:
        alter_configs(IMAGE, BrokerConfig(), resource_type, name, changes)
    return caught.value.code


def test_keys_are_set_and_taken_back() -> None:
    set_, delete = Change("segment.bytes", SET, "1048576"), Change("retention.ms", DELETE, None)

    assert changed(RESOURCE_TOPIC, "t", set_, delete) == [
        ("retention.ms", None),
        ("segment.bytes", "1048576"),
    ]


def test_what_is_so_already_is_not_written() -> None:
    assert changed(RESOURCE_TOPIC, "t", Change("retention.ms", SET, "5")) == []
    assert changed(RESOURCE_TOPIC, "t", Change("segment.bytes", DELETE, None)) == []


def test_lists_get_longer_and_shorter() -> None:
    key = "cleanup.policy"

    assert changed(RESOURCE_TOPIC, "t", Change(key, SUBTRACT, "compact")) == [(key, "delete")]
    assert changed(RESOURCE_TOPIC, "t", Change(key, APPEND, "delete")) == []


def test_groups_have_keys_of_their_own() -> None:
    key = "share.auto.offset.reset"

    assert changed(RESOURCE_GROUP, "g", Change(key, SET, "earliest")) == [(key, "earliest")]
    assert refused(RESOURCE_GROUP, "g", Change(key, SET, "soon")) == ErrorCode.INVALID_CONFIG
    assert refused(RESOURCE_GROUP, "", Change(key, SET, "latest")) == ErrorCode.INVALID_REQUEST


def test_brokers_take_what_can_change_and_what_nobody_knows() -> None:
    key = "log.retention.ms"

    assert changed(RESOURCE_BROKER, "", Change(key, SET, "7")) == [(key, "7")]
    assert changed(RESOURCE_BROKER, "1", Change("my.own", SET, "x")) == [("my.own", "x")]
    fixed = Change("node.id", SET, "7")
    assert refused(RESOURCE_BROKER, "1", fixed) == ErrorCode.INVALID_REQUEST
    assert refused(RESOURCE_BROKER, "2", Change(key, SET, "7")) == ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Change("no.such.key", SET, "1"), ErrorCode.INVALID_CONFIG),
        (Change("retention.ms", SET, "long"), ErrorCode.INVALID_CONFIG),
        (Change("retention.ms", SET, None), ErrorCode.INVALID_REQUEST),
        (Change("retention.ms", APPEND, "1"), ErrorCode.INVALID_CONFIG),
        (Change("retention.ms", 9, "1"), ErrorCode.INVALID_REQUEST),
    ],
)
def test_changes_that_make_no_sense_are_refused(change: Change, code: ErrorCode) -> None:
    assert refused(RESOURCE_TOPIC, "t", change) == code


def test_resources_that_do_not_exist_are_refused() -> None:
    change = Change("retention.ms", SET, "6")
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

    assert refused(RESOURCE_TOPIC, "missing", change) == unknown
    assert refused(RESOURCE_TOPIC, "t", change, change) == ErrorCode.INVALID_REQUEST
    assert refused(8, "1", change) == ErrorCode.INVALID_REQUEST


def replaced(resource_type: int, name: str, **values: str | None) -> list[tuple[str, str | None]]:
    """Return what changes where keys, with underscores for dots, take the place of all others."""
    given = [(key.replace("_", "."), value) for key, value in values.items()]
    records = replace_configs(IMAGE, BrokerConfig(), resource_type, name, given)
    return [(record.name, record.value) for record in records]


def test_a_whole_configuration_is_replaced() -> None:
    assert replaced(RESOURCE_TOPIC, "t", retention_ms="5", segment_ms="7") == [
        ("cleanup.policy", None),
        ("segment.ms", "7"),
    ]
    assert replaced(RESOURCE_TOPIC, "t") == [("retention.ms", None), ("cleanup.policy", None)]


def test_a_whole_configuration_is_checked_as_changes_are() -> None:
    with pytest.raises(KafkaError) as caught:
        replaced(RESOURCE_TOPIC, "t", retention_ms=None, segment_ms=None)
    assert caught.value.code == ErrorCode.INVALID_REQUEST
    assert caught.value.message == "Null value not supported for : retention.ms, segment.ms"


def test_lists_get_longer_from_what_is_in_effect() -> None:
    key = "leader.replication.throttled.replicas"

    assert changed(RESOURCE_TOPIC, "t", Change(key, APPEND, "0:1")) == [(key, "0:1")]
    assert changed(RESOURCE_BROKER, "", Change("log.cleanup.policy", APPEND, "compact")) == [
        ("log.cleanup.policy", "delete,compact")
    ]

"""Configuration rows as DescribeConfigs and CreateTopics show them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kafkacompat.config.rows import ConfigType, Key, Synonym, Update
from kafkacompat.config.values import (
    BROKER_ROWS,
    CLIENT_METRICS_ROWS,
    GROUP_ROWS,
    TOPIC_ROWS,
    BrokerConfig,
    ClientMetricsConfig,
    GroupConfig,
    Setting,
    Source,
    TopicConfig,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a resource: the value that applies, and what could give it one.

    `text` is in the key's own unit. `settings`, the strongest first, may be in others, and may be
    none at all.
    """

    name: str
    text: str | None
    settings: tuple[Setting, ...]
    type: ConfigType
    read_only: bool
    documentation: str

    @property
    def is_sensitive(self) -> bool:
        """Whether the value must not be shown: so is what nobody knows."""
        is_unknown = self.type is ConfigType.UNKNOWN and not self.is_logger
        return is_unknown or self.type is ConfigType.PASSWORD

    @property
    def is_logger(self) -> bool:
        """Whether this is no key but the level of a logger."""
        return self.source == Source.BROKER_LOGGER

    @property
    def value(self) -> str | None:
        """The value that applies, None when there is none or it must not be shown."""
        return None if self.is_sensitive else self.text

    @property
    def source(self) -> int:
        """Where the value comes from."""
        return self.settings[0].source if self.settings else Source.DEFAULT


def _entry(
    row: Key[Any], text: str | None, settings: tuple[Setting, ...], read_only: bool
) -> Entry:
    documentation = row.documentation
    if not row.is_effective:
        documentation += " (Accepted and shown, without effect here so far.)"
    return Entry(row.name, text, settings, row.kind.type, read_only, documentation)


def topic_entries(broker: BrokerConfig, own: Mapping[str, str]) -> Iterator[Entry]:
    """Yield every topic key, for a topic with these settings of its own."""
    config = TopicConfig(broker, own)
    for row in TOPIC_ROWS.values():
        text = own[row.name] if row.name in own else row.text(config.get(row))
        yield _entry(row, text, tuple(config.settings(row)), read_only=False)


def group_entries(broker: BrokerConfig, own: Mapping[str, str]) -> Iterator[Entry]:
    """Yield every group key, for a group with these settings of its own."""
    config = GroupConfig(broker, own)
    for row in GROUP_ROWS.values():
        text = own[row.name] if row.name in own else row.text(config.get(row))
        yield _entry(row, text, tuple(config.settings(row)), read_only=False)


def client_metrics_entries(broker: BrokerConfig, own: Mapping[str, str]) -> Iterator[Entry]:
    """Yield every key of a subscription to metrics, with these settings of its own."""
    config = ClientMetricsConfig(broker, own)
    for row in CLIENT_METRICS_ROWS.values():
        text = own[row.name] if row.name in own else row.text(row.default)
        yield _entry(row, text, tuple(config.settings(row)), read_only=False)


def logger_entries(levels: Mapping[str, str]) -> Iterator[Entry]:
    """Yield the level of every logger."""
    for name, level in levels.items():
        setting = Setting(name, level, Source.BROKER_LOGGER)
        yield Entry(name, level, (setting,), ConfigType.UNKNOWN, False, "")


_SIBLINGS = {
    synonym.name: tuple(each.name for each in row.synonyms)
    for row in TOPIC_ROWS.values()
    for synonym in row.synonyms
    if len(row.synonyms) > 1
}
"""Broker keys of one meaning in several units, such as log.retention.ms and log.retention.hours."""


def broker_entries(broker: BrokerConfig) -> Iterator[Entry]:
    """Yield every broker key, those included that give topics their defaults, and what nobody
    knows but somebody has set."""
    for row in BROKER_ROWS.values():
        settings = tuple(broker.settings(row))
        if row.is_listed or settings[0].source is not Source.DEFAULT:
            value = settings[0].value
            if not row.is_listed:
                settings = settings[:-1]
            elif row.name in _SIBLINGS:
                others = [name for name in _SIBLINGS[row.name] if name != row.name]
                settings = tuple(broker.settings_by_strength([row.name, *others]))
            yield _entry(row, value, settings, row.update is Update.READ_ONLY)
    for name in (broker.dynamic_broker | broker.dynamic_cluster).keys() - BROKER_ROWS.keys():
        settings = tuple(broker.settings_of(Synonym(name)))
        yield Entry(name, settings[0].value, settings, ConfigType.UNKNOWN, True, "")


def cluster_entries(broker: BrokerConfig) -> Iterator[Entry]:
    """Yield what is set for all brokers of the cluster."""
    for entry in broker_entries(broker):
        shared = tuple(each for each in entry.settings if each.source is Source.DYNAMIC_CLUSTER)
        if shared:
            yield replace(entry, text=shared[0].value, settings=shared)

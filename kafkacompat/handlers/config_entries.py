"""Configuration rows as DescribeConfigs and CreateTopics show them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kafkacompat.config.rows import ConfigType, Key, Update
from kafkacompat.config.values import (
    BROKER_ROWS,
    GROUP_ROWS,
    TOPIC_ROWS,
    BrokerConfig,
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
        """Whether the value must not be shown."""
        return self.type is ConfigType.PASSWORD

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


def broker_entries(broker: BrokerConfig) -> Iterator[Entry]:
    """Yield every broker key, those included that give topics their defaults."""
    for row in BROKER_ROWS.values():
        settings = tuple(broker.settings(row))
        yield _entry(row, settings[0].value, settings, row.update is Update.READ_ONLY)

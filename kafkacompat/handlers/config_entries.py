"""Configuration rows as DescribeConfigs and CreateTopics show them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kafkacompat.config.rows import ConfigType, Key, Update
from kafkacompat.config.values import BROKER_ROWS, TOPIC_ROWS, BrokerConfig, Setting, TopicConfig


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a resource, with all the values that could apply to it."""

    name: str
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
        return None if self.is_sensitive else self.settings[0].value

    @property
    def source(self) -> int:
        """Where the value comes from."""
        return self.settings[0].source


def _entry(row: Key[Any], settings: Iterator[Setting], read_only: bool) -> Entry:
    text = row.documentation
    if not row.is_effective:
        text += " (Accepted and shown, without effect here so far.)"
    return Entry(row.name, tuple(settings), row.kind.type, read_only, text)


def topic_entries(broker: BrokerConfig, own: Mapping[str, str]) -> Iterator[Entry]:
    """Yield every topic key, for a topic with these settings of its own."""
    config = TopicConfig(broker, own)
    for row in TOPIC_ROWS.values():
        yield _entry(row, config.settings(row), read_only=False)


def broker_entries(broker: BrokerConfig) -> Iterator[Entry]:
    """Yield every broker key, those included that give topics their defaults."""
    for row in BROKER_ROWS.values():
        yield _entry(row, broker.settings(row), read_only=row.update is Update.READ_ONLY)

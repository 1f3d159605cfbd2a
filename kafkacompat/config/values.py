"""The values that apply: what was set where, and which setting wins.

A broker key: dynamic per broker, dynamic for the cluster, static (file, environment, flags),
default. A topic key: the topic's own setting, then the broker key it is a synonym of, then its
default.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import dropwhile
from typing import Any, TypeVar

from kafkacompat.config import keys  # noqa: F401  (fills the table of rows)
from kafkacompat.config.rows import Key, Scope, Synonym, rows_of

V = TypeVar("V")


class Source(IntEnum):
    """Where a value comes from, numbered as in DescribeConfigs."""

    TOPIC = 1
    DYNAMIC_BROKER = 2
    DYNAMIC_CLUSTER = 3
    STATIC_BROKER = 4
    DEFAULT = 5
    BROKER_LOGGER = 6
    CLIENT_METRICS = 7
    GROUP = 8


@dataclass(frozen=True, slots=True)
class Setting:
    """One value on the list of those that could apply; the first of the list does."""

    name: str
    value: str | None
    source: Source


BROKER_ROWS = rows_of(Scope.BROKER)
TOPIC_ROWS = rows_of(Scope.TOPIC)
GROUP_ROWS = rows_of(Scope.GROUP)
CLIENT_METRICS_ROWS = rows_of(Scope.CLIENT_METRICS)


class BrokerConfig:
    """The configuration of one node."""

    def __init__(self, static: Mapping[str, str] | None = None) -> None:
        self.static = dict(static or {})
        self.dynamic_broker: dict[str, str] = {}
        self.dynamic_cluster: dict[str, str] = {}
        self.revision = 0
        """How often dynamic values were taken, for those who keep what they have read."""
        self._cache: dict[str, Any] = {}

    def get(self, key: Key[V]) -> V:
        """Return the value of a broker key. Errors: InvalidValue."""
        found: V
        if key.name in self._cache:
            found = self._cache[key.name]
            return found
        setting = next(self.settings(key))
        found = key.default
        if setting.source is not Source.DEFAULT and setting.value is not None:
            found = key.parse(setting.value)
        self._cache[key.name] = found
        return found

    def set_dynamic(self, broker: Mapping[str, str], cluster: Mapping[str, str]) -> None:
        """Take new dynamic values, of this broker and of the whole cluster."""
        self.dynamic_broker, self.dynamic_cluster = dict(broker), dict(cluster)
        self.revision += 1
        self._cache.clear()

    def settings(self, key: Key[Any]) -> Iterator[Setting]:
        """Yield what could give a key its value, the strongest first, the default last."""
        synonyms = (Synonym(key.name), *key.synonyms)
        if key.scope is not Scope.BROKER:
            synonyms = key.synonyms
        for synonym in synonyms:
            yield from self.settings_of(synonym)
        if key.scope is Scope.BROKER:
            yield Setting(key.name, key.text(key.default), Source.DEFAULT)

    def settings_by_strength(self, names: Sequence[str]) -> Iterator[Setting]:
        """Yield what keys of one meaning are set to, as Apache Kafka lists them.

        All that is set for this broker comes first, defaults come last; what stands before the
        first mention of `names[0]` is left out, so there may be nothing at all.
        """
        found = [
            Setting(name, values[name], source)
            for values, source in self._levels()
            for name in names
            if name in values
        ]
        rows = [BROKER_ROWS[name] for name in names]
        found += [
            Setting(row.name, row.text(row.default), Source.DEFAULT)
            for row in rows
            if row.default is not None
        ]
        return dropwhile(lambda setting: setting.name != names[0], found)

    def _levels(self) -> tuple[tuple[Mapping[str, str], Source], ...]:
        return (
            (self.dynamic_broker, Source.DYNAMIC_BROKER),
            (self.dynamic_cluster, Source.DYNAMIC_CLUSTER),
            (self.static, Source.STATIC_BROKER),
        )

    def settings_of(self, synonym: Synonym) -> Iterator[Setting]:
        for values, source in self._levels():
            if synonym.name in values:
                yield Setting(synonym.name, values[synonym.name], source)


class TopicConfig:
    """The configuration of one topic: its own settings over its broker's."""

    source = Source.TOPIC

    def __init__(self, broker: BrokerConfig, own: Mapping[str, str]) -> None:
        self.broker = broker
        self.own = own

    def get(self, key: Key[V]) -> V:
        """Return the value of a topic key. Errors: InvalidValue."""
        if key.name in self.own:
            return key.parse(self.own[key.name])
        for synonym in key.synonyms:
            for setting in self.broker.settings_of(synonym):
                if setting.value is not None:
                    return _scaled(key, setting.value, synonym)
        return key.default

    def settings(self, key: Key[Any]) -> Iterator[Setting]:
        """Yield what is set for a key, the strongest first, and its broker keys' defaults.

        There may be none: the value then has no source but the default.
        """
        if key.name in self.own:
            yield Setting(key.name, self.own[key.name], self.source)
        if key.synonyms:
            yield from self.broker.settings_by_strength([each.name for each in key.synonyms])


class GroupConfig(TopicConfig):
    """The configuration of one group: its own settings over its broker's."""

    source = Source.GROUP

    def settings(self, key: Key[Any]) -> Iterator[Setting]:
        """Yield what is set for a key; a key that no broker key stands behind has a default."""
        yield from super().settings(key)
        if not key.synonyms:
            yield Setting(key.name, key.text(key.default), Source.DEFAULT)


class ClientMetricsConfig(TopicConfig):
    """The configuration of one subscription to metrics of clients."""

    source = Source.CLIENT_METRICS


def _scaled(key: Key[V], text: str, synonym: Synonym) -> V:
    return key.parse(text if synonym.multiplier == 1 else _times(text, synonym))


def _times(text: str, synonym: Synonym) -> str:
    number = int(text)
    return str(number * synonym.multiplier if number >= 0 else number)


def unknown_names(given: Mapping[str, str], known: Callable[[str], bool]) -> list[str]:
    """Return the names that stand for no key, in order."""
    return sorted(name for name in given if not known(name))

"""What a configuration key is: its type, default, scope and documentation.

`keys.py` holds one row per key. Files, flags, DescribeConfigs, validation and
`docs/configuration.md` all derive from the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any, Generic, TypeVar

V = TypeVar("V")


class Scope(Enum):
    """Where a key can be set."""

    TOPIC = "topic"
    GROUP = "group"
    CLIENT_METRICS = "client metrics"
    BROKER = "broker"


class ConfigType(IntEnum):
    """Types as DescribeConfigs numbers them."""

    UNKNOWN = 0
    BOOLEAN = 1
    STRING = 2
    INT = 3
    SHORT = 4
    LONG = 5
    DOUBLE = 6
    LIST = 7
    CLASS = 8
    PASSWORD = 9


class Update(Enum):
    """Whether a broker key can change while the broker runs, and for whom."""

    READ_ONLY = "read-only"
    PER_BROKER = "per-broker"
    CLUSTER_WIDE = "cluster-wide"


class InvalidValue(ValueError):
    """A value that its key does not take; the text says what would be right.

    `shown` is the value as Kafka writes it into the message, if that is not what was given.
    """

    def __init__(self, message: str, shown: str | None = None) -> None:
        super().__init__(message)
        self.shown = shown


@dataclass(frozen=True, slots=True)
class Kind(Generic[V]):
    """How a key's text becomes a value."""

    type: ConfigType
    parse: Callable[[str], V]
    format: Callable[[V], str] = str


@dataclass(frozen=True, slots=True)
class Synonym:
    """A broker key that gives a topic or broker key its value, in another unit if need be."""

    name: str
    multiplier: int = 1


@dataclass(frozen=True, slots=True)
class Key(Generic[V]):
    """One configuration key."""

    name: str
    kind: Kind[V]
    default: V
    scope: Scope
    documentation: str
    synonyms: tuple[Synonym, ...] = ()
    update: Update = Update.READ_ONLY
    is_effective: bool = True
    """False for a key that is accepted and shown but does nothing here."""
    is_listed: bool = True
    """False for a key that is shown only where it is set."""

    def parse(self, text: str) -> V:
        """Return the value that `text` stands for. Errors: InvalidValue."""
        try:
            return self.kind.parse(text.strip())
        except InvalidValue as error:
            shown = text if error.shown is None else error.shown
            raise InvalidValue(
                f"Invalid value {shown} for configuration {self.name}: {error}"
            ) from None

    def text(self, value: V) -> str | None:
        """Return a value as Kafka writes it; None where there is none."""
        return None if value is None else self.kind.format(value)


KEYS: dict[str, Key[Any]] = {}


def key(
    name: str,
    kind: Kind[V],
    default: V,
    scope: Scope,
    documentation: str,
    *,
    broker_synonym: str | tuple[str | Synonym, ...] = (),
    update: Update = Update.READ_ONLY,
    is_effective: bool = True,
    is_listed: bool = True,
) -> Key[V]:
    """Make a row and enter it into the table."""
    names = (broker_synonym,) if isinstance(broker_synonym, str) else broker_synonym
    synonyms = tuple(Synonym(item) if isinstance(item, str) else item for item in names)
    made = Key(name, kind, default, scope, documentation, synonyms, update, is_effective, is_listed)
    # A few names, such as compression.type, are both a topic's and the broker's.
    KEYS[name if name not in KEYS else f"{scope.value}:{name}"] = made
    return made


def rows_of(scope: Scope) -> dict[str, Key[Any]]:
    """Return the keys of one scope by name."""
    return {row.name: row for row in KEYS.values() if row.scope is scope}


_BITS = {ConfigType.SHORT: 15, ConfigType.INT: 31, ConfigType.LONG: 63}


def parse_whole(kind: ConfigType, text: str) -> int:
    """Return a number of one of the whole types. Errors: InvalidValue."""
    try:
        value = int(text)
    except ValueError:
        value = None
    bound = 1 << _BITS[kind]
    if value is None or "_" in text or not -bound <= value < bound:
        raise InvalidValue(f"Not a number of type {kind.name}")
    return value


def _whole(kind: ConfigType, lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = parse_whole(kind, text)
        if not lowest <= value <= highest:
            word = "at least" if value < lowest else "no more than"
            limit = lowest if value < lowest else highest
            raise InvalidValue(f"Value must be {word} {limit}", shown=str(value))
        return value

    return parse


def whole(at_least: int = -(1 << 31), at_most: int = (1 << 31) - 1) -> Kind[int]:
    """A 32-bit whole number."""
    return Kind(ConfigType.INT, _whole(ConfigType.INT, at_least, at_most))


def short(at_least: int = -(1 << 15), at_most: int = (1 << 15) - 1) -> Kind[int]:
    """A 16-bit whole number."""
    return Kind(ConfigType.SHORT, _whole(ConfigType.SHORT, at_least, at_most))


def long(at_least: int = -(1 << 63), at_most: int = (1 << 63) - 1) -> Kind[int]:
    """A 64-bit whole number."""
    return Kind(ConfigType.LONG, _whole(ConfigType.LONG, at_least, at_most))


def _parse_double(lowest: float, highest: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise InvalidValue("Not a number of type DOUBLE") from None
        if not lowest <= value <= highest:
            word = "no more than" if value > highest else "at least"
            limit = highest if value > highest else lowest
            raise InvalidValue(f"Value must be {word} {limit:g}", shown=str(value))
        return value

    return parse


def double(at_least: float, at_most: float) -> Kind[float]:
    """A floating-point number."""
    return Kind(ConfigType.DOUBLE, _parse_double(at_least, at_most))


def _parse_boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise InvalidValue("Expected value to be either true or false")
    return text.lower() == "true"


def boolean() -> Kind[bool]:
    """`true` or `false`."""
    return Kind(ConfigType.BOOLEAN, _parse_boolean, lambda value: str(value).lower())


def string() -> Kind[str | None]:
    """Any text; None where the key is not set."""
    return Kind(ConfigType.STRING, lambda text: text, str)


def one_of(*allowed: str) -> Kind[str]:
    """One of a few words."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise InvalidValue(f"String must be one of: {', '.join(allowed)}")
        return text

    return Kind(ConfigType.STRING, parse)


def words(*allowed: str, at_least: int = 0) -> Kind[tuple[str, ...]]:
    """A comma-separated list, of a few words if any are given."""

    def parse(text: str) -> tuple[str, ...]:
        found = tuple(word.strip() for word in text.split(",") if word.strip())
        for word in found:
            if allowed and word not in allowed:
                raise InvalidValue(f"String must be one of: {', '.join(allowed)}")
        if len(found) < at_least:
            raise InvalidValue("The list must not be empty")
        return found

    return Kind(ConfigType.LIST, parse, ",".join)

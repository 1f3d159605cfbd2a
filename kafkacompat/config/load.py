"""The static configuration: a file, the environment and the command line, checked as a whole.

The command line wins over the environment, and that over the file. A wrong value of a known key
is an error. An unknown key is an error on the command line only: files are shared with other
versions and other tools, so there it is a warning.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kafkacompat.config.properties import (
    MAX_FILE_BYTES,
    MalformedProperties,
    decode,
    parse_properties,
)
from kafkacompat.config.rows import InvalidValue, Key
from kafkacompat.config.values import BROKER_ROWS

MIN_LIKENESS = 0.6
MAX_WARNINGS = 100
LISTENER_PREFIX = "listener.name."


class ConfigError(Exception):
    """A configuration that cannot be used; the text is one line for the user."""


@dataclass(frozen=True, slots=True)
class Given:
    """One setting and where it was read: "server.properties:12", "environment", ..."""

    name: str
    value: str
    origin: str


@dataclass(slots=True)
class Loaded:
    """The settings that apply, and what to tell about the others."""

    static: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def _known() -> dict[str, Key[Any]]:
    """Return the names that mean something in a file, with the row that checks their values."""
    found = {synonym.name: row for row in BROKER_ROWS.values() for synonym in row.synonyms}
    return found | BROKER_ROWS


KNOWN = _known()


def read_file(path: Path) -> list[Given]:
    """Return the settings of a properties file. Errors: ConfigError."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    if len(content) > MAX_FILE_BYTES:
        raise ConfigError(f"{path} is larger than {MAX_FILE_BYTES} bytes")
    try:
        entries = parse_properties(decode(content))
    except MalformedProperties as error:
        raise ConfigError(f"{path}, {error}") from None
    return [Given(entry.name, entry.value, f"{path}:{entry.line}") for entry in entries]


def given(values: Mapping[str, str], origin: str) -> list[Given]:
    """Return settings that all come from one place."""
    return [Given(name, value, origin) for name, value in values.items()]


def split_assignment(text: str) -> tuple[str, str]:
    """Cut "name=value". Errors: ConfigError."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ConfigError(f"{text!r} is no setting; write name=value")
    return name.strip(), value.strip()


def combine(lenient: Iterable[Given], strict: Sequence[Given]) -> Loaded:
    """Return what applies: later settings replace earlier ones, and `strict` ones come last.

    Errors: ConfigError for a wrong value, and for an unknown key in `strict`.
    """
    loaded = Loaded()
    for setting in lenient:
        if setting.name in KNOWN:
            _take(setting, loaded)
        elif len(loaded.warnings) < MAX_WARNINGS:
            loaded.warnings.append(_complaint(setting))
    for setting in strict:
        if setting.name not in KNOWN:
            raise ConfigError(_complaint(setting))
        _take(setting, loaded)
    return loaded


def _take(setting: Given, loaded: Loaded) -> None:
    row = KNOWN[setting.name]
    try:
        row.parse(setting.value)
    except InvalidValue as error:
        text = str(error).replace(f"configuration {row.name}", f"configuration {setting.name}")
        raise ConfigError(f"{setting.origin}: {text}") from None
    loaded.static[setting.name] = setting.value


def _complaint(setting: Given) -> str:
    """Say what an unknown key is, never its value: it may be a secret."""
    name = setting.name
    if is_kafkas(name):
        return f"{setting.origin}: {name} is Apache Kafka's and has no effect here"
    return f"{setting.origin}: unknown key {name}{_suggestion(name)}"


def is_kafkas(name: str) -> bool:
    """Whether a key that we do not know is one of Apache Kafka's."""
    from kafkacompat.config.kafkas_keys import KAFKAS_KEYS  # rarely needed: not at start

    if name.startswith(LISTENER_PREFIX):
        name = name.removeprefix(LISTENER_PREFIX).partition(".")[2]
        return name in KAFKAS_KEYS or name in KNOWN or "." in name
    return name in KAFKAS_KEYS


def _suggestion(name: str) -> str:
    nearest = nearest_name(name)
    return f" (did you mean {nearest}?)" if nearest else ""


def nearest_name(name: str) -> str | None:
    """Return the known key that looks most like a name, None if none does."""
    import difflib  # rarely needed: not at start

    found = difflib.get_close_matches(name, KNOWN, n=1, cutoff=MIN_LIKENESS)
    return found[0] if found else None

"""What a seed file says, checked. YAML needs PyYAML (the extra `seed`); JSON needs nothing.

    topics:
      - name: orders
        partitions: 3
        config: {retention.ms: "-1"}
        records:
          - {key: a, value: text, timestamp: 1700000000000, headers: {source: web}}
          - {partition: 2, json: {id: 7}}
          - {value_base64: /w==}
        records_file: orders.jsonl
    groups:
      - {id: billing, offsets: {orders: {0: 1}}}
    users:
      - {name: alice, password: secret, mechanism: SCRAM-SHA-256}
    broker: {message.max.bytes: "2000000"}

`records_file` is beside the file: .jsonl has a record a line, anything else a value a line.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

MECHANISMS: Final = {"SCRAM-SHA-256": 1, "SCRAM-SHA-512": 2}
DEFAULT_ITERATIONS: Final = 4096
MAX_FILE_BYTES: Final = 256 << 20


class SeedError(Exception):
    """A seed file makes no sense; the text says where."""


@dataclass(slots=True)
class SeedRecord:
    """One record; without a partition its key decides."""

    key: bytes | None = None
    value: bytes | None = None
    partition: int | None = None
    timestamp: int | None = None
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)


@dataclass(slots=True)
class SeedTopic:
    name: str
    partitions: int = 1
    replicas: int = -1
    config: dict[str, str] = field(default_factory=dict)
    records: list[SeedRecord] = field(default_factory=list)


@dataclass(slots=True)
class SeedGroup:
    """A group's committed offsets, by topic and partition."""

    id: str
    offsets: dict[tuple[str, int], int]


@dataclass(slots=True)
class SeedUser:
    """A user with SCRAM credentials. `mechanism` is numbered as on the wire."""

    name: str
    password: str = field(repr=False)
    mechanism: int = 1
    iterations: int = DEFAULT_ITERATIONS


@dataclass(slots=True)
class Seed:
    """Everything that a file says."""

    topics: list[SeedTopic] = field(default_factory=list)
    groups: list[SeedGroup] = field(default_factory=list)
    users: list[SeedUser] = field(default_factory=list)
    broker: dict[str, str] = field(default_factory=dict)


def read_seed(path: str | Path) -> Seed:
    """Read a seed file. Errors: SeedError, OSError."""
    file = Path(path)
    text = _text(file)
    return parse_seed(_loaded(file, text), file.parent)


def parse_seed(document: Any, folder: Path) -> Seed:
    """Check what a file holds; files that it names are in `folder`. Errors: SeedError."""
    top = _object(document, "the file")
    _only(top, "the file", "topics", "groups", "users", "broker")
    return Seed(
        topics=[
            _topic(item, f"topics[{at}]", folder)
            for at, item in enumerate(_list(top.get("topics"), "topics"))
        ],
        groups=[
            _group(item, f"groups[{at}]")
            for at, item in enumerate(_list(top.get("groups"), "groups"))
        ],
        users=[
            _user(item, f"users[{at}]") for at, item in enumerate(_list(top.get("users"), "users"))
        ],
        broker=_settings(top.get("broker"), "broker"),
    )


def _text(file: Path) -> str:
    if file.stat().st_size > MAX_FILE_BYTES:
        raise SeedError(f"{file}: larger than {MAX_FILE_BYTES >> 20} MiB")
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise SeedError(f"{file}: {error}") from None


def _loaded(file: Path, text: str) -> Any:
    if file.suffix == ".json":
        try:
            return json.loads(text)
        except ValueError as error:
            raise SeedError(f"{file}: {error}") from None
    try:
        import yaml
    except ImportError:
        raise SeedError("a seed in YAML needs PyYAML: pip install 'kafkacompat[seed]'") from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SeedError(f"{file}: {error}") from None


def _topic(item: Any, where: str, folder: Path) -> SeedTopic:
    given = _object(item, where)
    names = ("name", "partitions", "replicas", "config", "records", "records_file")
    _only(given, where, *names)
    topic = SeedTopic(
        name=_string(given, "name", where),
        partitions=_whole(given, "partitions", where, 1),
        replicas=_whole(given, "replicas", where, -1),
        config=_settings(given.get("config"), f"{where}.config"),
    )
    for at, record in enumerate(_list(given.get("records"), f"{where}.records")):
        topic.records.append(_record(record, f"{where}.records[{at}]"))
    if "records_file" in given:
        path = folder / _string(given, "records_file", where)
        topic.records += _records_in(path)
    for record in topic.records:
        if record.partition is not None and not 0 <= record.partition < topic.partitions:
            raise SeedError(f"{where}: it has no partition {record.partition}")
    return topic


def _records_in(path: Path) -> Iterator[SeedRecord]:
    try:
        text = _text(path)
    except OSError as error:
        raise SeedError(f"{path}: {error.strerror}") from None
    for number, line in enumerate(text.splitlines(), 1):
        if path.suffix != ".jsonl":
            yield SeedRecord(value=line.encode())
        elif line.strip():
            try:
                item = json.loads(line)
            except ValueError as error:
                raise SeedError(f"{path}, line {number}: {error}") from None
            yield _record(item, f"{path}, line {number}")


def _record(item: Any, where: str) -> SeedRecord:
    given = _object(item, where)
    names = ("key", "key_base64", "value", "value_base64", "json")
    _only(given, where, *names, "partition", "timestamp", "headers")
    record = SeedRecord(key=_bytes(given, "key", where), value=_bytes(given, "value", where))
    if "json" in given:
        record.value = json.dumps(given["json"], ensure_ascii=False).encode()
    if given.get("partition") is not None:
        record.partition = _whole(given, "partition", where, 0)
    if given.get("timestamp") is not None:
        record.timestamp = _whole(given, "timestamp", where, -1)
    record.headers = _headers(given.get("headers"), f"{where}.headers")
    return record


def _headers(item: Any, where: str) -> list[tuple[str, bytes | None]]:
    """Headers are an object of texts, or a list of objects where names repeat or bytes are raw."""
    if item is None:
        return []
    if isinstance(item, dict):
        item = [{"name": name, "value": value} for name, value in item.items()]
    found = []
    for each in _list(item, where):
        given = _object(each, where)
        _only(given, where, "name", "value", "value_base64")
        found.append((_string(given, "name", where), _bytes(given, "value", where)))
    return found


def _bytes(given: dict[str, Any], name: str, where: str) -> bytes | None:
    encoded, text = given.get(f"{name}_base64"), given.get(name)
    if encoded is not None:
        try:
            return base64.b64decode(encoded, validate=True)
        except (ValueError, TypeError):
            raise SeedError(f"{where}.{name}_base64: no base64") from None
    if text is None:
        return None
    if isinstance(text, dict | list | bytes):
        raise SeedError(f"{where}.{name}: is to be text")
    return str(text).encode()


def _group(item: Any, where: str) -> SeedGroup:
    given = _object(item, where)
    _only(given, where, "id", "offsets")
    offsets: dict[tuple[str, int], int] = {}
    for topic, partitions in _object(given.get("offsets", {}), f"{where}.offsets").items():
        for partition, offset in _object(partitions, f"{where}.offsets.{topic}").items():
            try:
                offsets[str(topic), int(partition)] = int(offset)
            except (TypeError, ValueError):
                raise SeedError(f"{where}.offsets.{topic}: {partition}: {offset}") from None
    return SeedGroup(_string(given, "id", where), offsets)


def _user(item: Any, where: str) -> SeedUser:
    given = _object(item, where)
    _only(given, where, "name", "password", "mechanism", "iterations")
    mechanism = given.get("mechanism", "SCRAM-SHA-256")
    if mechanism not in MECHANISMS:
        raise SeedError(f"{where}.mechanism: {mechanism!r}; there are {', '.join(MECHANISMS)}")
    return SeedUser(
        name=_string(given, "name", where),
        password=_string(given, "password", where),
        mechanism=MECHANISMS[mechanism],
        iterations=_whole(given, "iterations", where, DEFAULT_ITERATIONS),
    )


def _object(item: Any, where: str) -> dict[Any, Any]:
    if not isinstance(item, dict):
        raise SeedError(f"{where}: is to be an object")
    return item


def _list(item: Any, where: str) -> list[Any]:
    if item is None:
        return []
    if not isinstance(item, list):
        raise SeedError(f"{where}: is to be a list")
    return item


def _only(given: dict[Any, Any], where: str, *names: str) -> None:
    for name in given:
        if name not in names:
            raise SeedError(f"{where}: there is no {name!r}; there are {', '.join(names)}")


def _string(given: dict[str, Any], name: str, where: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise SeedError(f"{where}.{name}: is to be text")
    return value


def _whole(given: dict[str, Any], name: str, where: str, default: int) -> int:
    value = given.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise SeedError(f"{where}.{name}: is to be a number")
    return value


def _settings(item: Any, where: str) -> dict[str, str]:
    found = {}
    for name, value in _object(item or {}, where).items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        found[str(name)] = text
    return found

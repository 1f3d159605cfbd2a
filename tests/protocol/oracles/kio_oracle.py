"""kio: one dataclass per message and version, generated from Kafka's schemas."""

import datetime
import enum
import io
import re
import uuid
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from importlib import import_module
from typing import Any

from kio.serial import entity_reader, entity_writer

NAME = "kio"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
# kio's times cannot hold the largest numbers.
SKIPPED_MODES = {"extreme"}


def entity_class(cls: type, version: int) -> Any | None:
    """Return kio's class for a version of ours, or None."""
    stem, kind = re.sub(r"(Request|Response)$", r" \1", cls.__name__).partition(" ")[::2]
    snake = re.sub(r"(?<!^)([A-Z])", r"_\1", stem).lower()
    try:
        module = import_module(f"kio.schema.{snake}.v{version}.{kind.lower() or 'data'}")
    except ModuleNotFoundError:
        return None
    return getattr(module, cls.__name__, None)


def decode(theirs: Any, data: bytes) -> Any:
    """Read a message; all of `data` must be used."""
    value, end = entity_reader(theirs)(data, 0)
    assert end == len(data)
    return value


def encode(value: Any) -> bytes:
    """Write a message."""
    out = io.BytesIO()
    entity_writer(type(value))(out, value)
    return out.getvalue()


def leaves(value: Any) -> Iterator[Any]:
    """Yield a message's values as `values.leaves` does."""
    parts = fields(value)
    yield from _all(value, [f for f in parts if "tag" not in f.metadata])
    for part in sorted((f for f in parts if "tag" in f.metadata), key=lambda f: f.metadata["tag"]):
        default = part.default
        if part.default_factory is not MISSING:
            default = part.default_factory()
        if getattr(value, part.name) != default:
            yield from _all(value, [part])


def _all(value: Any, parts: list[Any]) -> Iterator[Any]:
    for part in parts:
        content = getattr(value, part.name)
        if isinstance(content, tuple):
            yield len(content)
            for element in content:
                yield from _one(element, part.metadata.get("kafka_type"))
        else:
            yield from _one(content, part.metadata.get("kafka_type"))


def _one(value: Any, kafka_type: str | None) -> Iterator[Any]:
    if is_dataclass(value):
        yield from leaves(value)
    elif kafka_type == "uuid":
        yield value.bytes if isinstance(value, uuid.UUID) else bytes(16)
    elif isinstance(value, datetime.timedelta):
        yield value // datetime.timedelta(milliseconds=1)
    elif kafka_type == "datetime_i64":
        yield -1 if value is None else (value - EPOCH) // datetime.timedelta(milliseconds=1)
    elif isinstance(value, enum.Enum):
        yield int(value.value)
    else:
        yield value

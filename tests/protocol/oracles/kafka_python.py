"""kafka-python 3: messages from Kafka's schemas, and `old` ones written by hand before."""

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

NAME = "kafka-python"
OLD_NAME = "kafka-python/old"
# What it reads as None where an int32 is a set of bits.
NO_BITS = -(1 << 31)
PACKAGES = ("admin", "consumer", "metadata", "producer", "sasl")


@cache
def _classes() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for package in PACKAGES:
        found.update(vars(import_module(f"kafka.protocol.{package}")))
    return found


@cache
def _old_classes() -> dict[str, Any]:
    found: dict[str, Any] = {}
    package = import_module("kafka.protocol.old")
    for module in pkgutil.iter_modules(package.__path__):
        names = vars(import_module(f"kafka.protocol.old.{module.name}"))
        for versions in names.values():
            if isinstance(versions, list):
                found.update({c.__name__: c for c in versions if isinstance(c, type)})
    return found


def message_class(cls: type, version: int) -> Any | None:
    """Return kafka-python's class for a version of ours, or None."""
    found = _classes().get(cls.__name__)
    if found is None or not hasattr(found, "valid_versions"):
        return None
    return found if version in range(found.min_version, found.max_version + 1) else None


def old_class(cls: type, version: int) -> Any | None:
    """Return the class written by hand for a version of ours, or None."""
    return _old_classes().get(f"{cls.__name__}_v{version}")


def decode(theirs: Any, data: bytes, version: int) -> Any:
    """Read a message."""
    read = theirs.decode(data, version=version)
    read._header = None  # which encode() looks at, and decode() does not set
    return read


def encode(value: Any, version: int) -> bytes:
    """Write a message."""
    return bytes(value.encode(version=version))


def leaves(value: Any, version: int) -> Iterator[Any]:
    """Yield a message's values as `values.leaves` does."""
    yield from _struct_leaves(value, value._struct, version)


def _struct_leaves(value: Any, struct: Any, version: int) -> Iterator[Any]:
    present = [f for f in struct._fields if f.for_version_q(version)]
    for item in [f for f in present if not f.tagged_field_q(version)]:
        yield from _field_leaves(getattr(value, item.name), item, version)
    tagged = [f for f in present if f.tagged_field_q(version)]
    for item in sorted(tagged, key=lambda f: f._tag):
        content = getattr(value, item.name)
        if not _is_default(content, item, version):
            yield from _field_leaves(content, item, version)


def _is_default(content: Any, item: Any, version: int) -> bool:
    if item.is_struct() and content is not None:
        return all(_is_default(getattr(content, f.name), f, version) for f in item._fields)
    return bool(content == item.default)


def _field_leaves(content: Any, item: Any, version: int) -> Iterator[Any]:
    if content is None:
        yield NO_BITS if item._json["type"] in ("int32", "bitfield") else None
    elif item.is_struct():
        yield from _struct_leaves(content, item, version)
    elif item.is_struct_array():
        yield len(content)
        for element in content:
            yield from _struct_leaves(element, item, version)
    elif isinstance(content, list):
        yield len(content)
        yield from map(_plain, content)
    else:
        yield _plain(content)


def _plain(value: Any) -> Any:
    if hasattr(value, "bytes"):  # a UUID
        return value.bytes
    if isinstance(value, set):
        return _bits(value)
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


def _bits(value: set[int]) -> int:
    total = sum(1 << bit for bit in value)
    return total - (1 << 32) if total >> 31 else total


def old_leaves(value: Any) -> Iterator[Any]:
    """Yield the values of a message written by hand, which has no tagged fields."""
    for name in value.SCHEMA.names:
        yield from _old(getattr(value, name))


def _old(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for part in value:
            yield from _old(part)
    elif isinstance(value, list):
        yield len(value)
        for part in value:
            yield from _old(part)
    elif isinstance(value, set):
        yield _bits(value)
    elif not isinstance(value, dict):  # a dict holds tagged fields, of which there are none
        yield value

"""Messages filled from their schemas, and their values as a flat list that oracles share."""

import random
from collections.abc import Iterator
from typing import Any

from kafkacompat_protocol.schema import (
    Array,
    Field,
    Primitive,
    Schema,
    Versions,
    default_of,
    has_list_default,
    schema_of,
)

BITS = {"int8": 7, "int16": 15, "int32": 31, "int64": 63, "uint16": 16, "uint32": 32}
WORDS = ["t", "group-1", "Zürich", "a" * 200, "日本"]
LAST_ERROR_CODE = 120


class Filler:
    """Fills the fields that one version of a message has; the rest keeps its defaults.

    `mode`: "full" (nothing null, all tags set), "empty" (empty arrays, default tags), "null"
    (null wherever it may be), "extreme" (the largest and smallest numbers), "mixed", or "short"
    (as "full", with short strings and arrays).
    """

    def __init__(self, version: int, mode: str, seed: int) -> None:
        self.version = version
        self.mode = mode
        self.random = random.Random(seed)

    def fill(self, schema: Schema) -> Any:
        """Return a new object of this schema."""
        values = {
            item.name: self.value(item)
            for item in schema.fields
            if self.version in item.versions and not self.keeps_default(item)
        }
        return schema.cls(**values)

    def keeps_default(self, item: Field) -> bool:
        is_tagged = self.version in item.tagged
        if self.mode == "mixed":
            return is_tagged and self.random.random() < 0.5
        return is_tagged and self.mode == "empty"

    def value(self, item: Field) -> Any:
        if self.version in item.nullable and self.is_null():
            return None
        if isinstance(item.type, Schema):
            return self.fill(item.type)
        if isinstance(item.type, Array):
            return [self.element(item.type.element, item.name) for _ in range(self.size())]
        return self.primitive(item.type, item.name)

    def is_null(self) -> bool:
        return self.mode == "null" or (self.mode == "mixed" and self.random.random() < 0.4)

    def size(self) -> int:
        if self.mode == "empty":
            return 0
        if self.mode == "short":
            return 1
        return self.random.randint(0, 3) if self.mode == "mixed" else 2

    def element(self, kind: Primitive | Schema, name: str) -> Any:
        return self.fill(kind) if isinstance(kind, Schema) else self.primitive(kind, name)

    def primitive(self, kind: Primitive, name: str) -> Any:
        if kind.name == "bool":
            return self.mode != "empty" and self.random.random() < 0.7
        if kind.name == "float64":
            return self.random.randint(-1000, 1000) / 8
        if kind.name == "uuid":
            return self.random.randbytes(16)
        if kind.name == "string":
            if self.mode == "short":
                return "ab"
            word = self.random.choice(WORDS)
            return "" if self.mode == "empty" else f"{word}-{self.random.randint(0, 99)}"
        if kind.name in ("bytes", "records"):
            return (
                b"" if self.mode == "empty" else self.random.randbytes(self.random.choice([3, 200]))
            )
        return self.number(kind.name, name)

    def number(self, kind: str, name: str) -> int:
        """Return an integer that the oracles' own types (errors, times) can hold."""
        if "error_code" in name:
            return self.random.randint(0, LAST_ERROR_CODE)
        bits, signed = BITS[kind], not kind.startswith("u")
        if self.mode == "extreme":
            low, high = (-(1 << bits) if signed else 0), (1 << bits) - 1
            return self.random.choice([low, high])
        if self.mode == "empty":
            return 0
        return self.random.randint(0, (1 << min(bits, 40)) - 1)


MODES = ["full", "empty", "null", "extreme", "mixed", "mixed"]


def instances(cls: type, version: int) -> Iterator[tuple[str, Any]]:
    """Yield (mode, object) for a version of a message, the same on every call."""
    schema = schema_of(cls)
    for seed, mode in enumerate(MODES):
        yield mode, Filler(version, mode, seed).fill(schema)


def versions_of(cls: type) -> range:
    """Return all versions that a class declares."""
    found: Versions = schema_of(cls).versions
    return range(found.first, found.last + 1)


def leaves(value: Any, schema: Schema, version: int) -> Iterator[Any]:
    """Yield the values in wire order, lengths before elements, tagged fields last by tag.

    A tagged field that has its default is left out, as on the wire.
    """
    present = [f for f in schema.fields if version in f.versions]
    plain = [f for f in present if version not in f.tagged]
    tagged = sorted((f for f in present if version in f.tagged), key=lambda f: f.tag or 0)
    for item in plain:
        yield from _field_leaves(getattr(value, item.name), item, version)
    for item in tagged:
        content = getattr(value, item.name)
        if content != ([] if has_list_default(item) else default_of(item)):
            yield from _field_leaves(content, item, version)


def _field_leaves(content: Any, item: Field, version: int) -> Iterator[Any]:
    kind = item.type
    if content is None:
        yield None
    elif isinstance(kind, Schema):
        yield from leaves(content, kind, version)
    elif isinstance(kind, Array):
        yield len(content)
        for element in content:
            if isinstance(kind.element, Schema):
                yield from leaves(element, kind.element, version)
            else:
                yield element
    else:
        yield bytes(content) if kind.name in ("bytes", "records") else content

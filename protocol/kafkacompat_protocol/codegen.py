"""What the generators of decode and encode functions share: lines of source and their scope."""

import linecache
import struct
from collections.abc import Callable
from typing import Any

from kafkacompat_protocol.schema import Array, Field, Primitive, Schema

# The most array elements in one message, all arrays together.
MAX_ELEMENTS = 1 << 18
# Arrays of fixed-size elements below this length have their own `struct.Struct`.
FEW_ELEMENTS = 9
# The most tagged fields in one struct.
MAX_TAGGED_FIELDS = 256


class Source:
    """Lines of a function being written, and the names that it uses."""

    def __init__(self, version: int, flexible: bool) -> None:
        self.version = version
        self.flexible = flexible
        self.lines: list[str] = []
        self.scope: dict[str, Any] = {}
        self.indent = 1
        self._names = 0

    def emit(self, line: str) -> None:
        """Add one line at the current indentation."""
        self.lines.append("    " * self.indent + line)

    def name(self, prefix: str) -> str:
        """Return a name not used before."""
        self._names += 1
        return f"{prefix}{self._names}"

    def bind(self, prefix: str, value: object) -> str:
        """Return the name under which the function sees `value`."""
        for known, bound in self.scope.items():
            if bound is value and known.startswith(prefix):
                return known
        name = self.name(prefix)
        self.scope[name] = value
        return name

    def packing(self, codes: str, direction: str) -> str:
        """Return the name of `struct.Struct(">" + codes)`'s pack or unpack_from method."""
        name = f"{direction}_{codes}".replace("?", "t")
        if name not in self.scope:
            layout = struct.Struct(">" + codes)
            self.scope[name] = layout.pack if direction == "pack" else layout.unpack_from
        return name

    def packing_many(self, code: str, direction: str) -> str:
        """Return the name of a tuple: for each small count, what packs or unpacks that many."""
        name = f"{direction}s_{code}".replace("?", "t")
        if name not in self.scope:
            layouts = [struct.Struct(f">{count}{code}") for count in range(FEW_ELEMENTS)]
            calls = [x.pack if direction == "pack" else x.unpack_from for x in layouts]
            self.scope[name] = tuple(calls)
        return name

    def compile(self, name: str, signature: str, title: str) -> Callable[..., Any]:
        """Make the function; tracebacks show its source."""
        text = "\n".join([f"def {name}({signature}):", *self.lines, ""])
        filename = f"<{title}>"
        linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
        exec(compile(text, filename, "exec"), self.scope)
        made: Callable[..., Any] = self.scope[name]
        return made


def present_fields(schema: Schema, version: int) -> list[Field]:
    """Return the untagged fields of one version, in wire order."""
    return [f for f in schema.fields if version in f.versions and version not in f.tagged]


def tagged_fields(schema: Schema, version: int) -> list[Field]:
    """Return the tagged fields of one version, by tag."""
    found = [f for f in schema.fields if version in f.versions and version in f.tagged]
    return sorted(found, key=lambda f: f.tag or 0)


def least_size(kind: Primitive | Array | Schema, version: int, flexible: bool) -> int:
    """Return the fewest bytes that a value of this type takes on the wire."""
    if isinstance(kind, Array):
        return 1 if flexible else 4
    if isinstance(kind, Primitive):
        if kind.code is not None:
            return kind.size
        return 1 if flexible else kind.size
    total = 1 if flexible else 0
    for item in present_fields(kind, version):
        is_nullable_struct = isinstance(item.type, Schema) and version in item.nullable
        total += 1 if is_nullable_struct else least_size(item.type, version, flexible)
    return total

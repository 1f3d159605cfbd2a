"""Write the encode function of one message version: straight-line, fixed fields fused.

The function appends to a `bytearray` that may already hold a header. Large record batches
are not copied: they stand as buffers of their own in the list that it returns.
"""

from collections.abc import Callable
from struct import pack
from typing import Any

from kafkacompat_protocol.codegen import FEW_ELEMENTS, Source, present_fields, tagged_fields
from kafkacompat_protocol.compile_decode import uses_records
from kafkacompat_protocol.primitives import Buffer, encode_uvarint
from kafkacompat_protocol.schema import (
    Array,
    Field,
    Primitive,
    Schema,
    default_of,
    has_list_default,
)

# Record buffers smaller than this are cheaper to copy than to send on their own.
INLINE_RECORDS_BYTES = 2048


def compile_encode(schema: Schema, version: int) -> Callable[..., list[Buffer]]:
    """Return `encode(message, w) -> [buffers]`, which writes after what `w` holds."""
    source = Source(version, version in schema.flexible)
    source.scope.update(uvarint=encode_uvarint, extend=_extend_with_records, pack=pack)
    if uses_records(schema, version):
        source.emit("parts = []")
    writer = _Encoder(source)
    writer.struct(schema, "m")
    writer.flush()
    if uses_records(schema, version):
        source.emit("parts.append(w)")
        source.emit("return parts")
    else:
        source.emit("return [w]")
    return source.compile("encode", "m, w", f"encode {schema.name} v{version}")


def _extend_with_records(parts: list[Buffer], w: bytearray, records: Any) -> bytearray:
    """Add record buffers after `w`, in place when small; return where to write on."""
    buffers = records if isinstance(records, list) else [records]
    for buffer in buffers:
        if len(buffer) < INLINE_RECORDS_BYTES:
            w += buffer
        else:
            parts.append(w)
            parts.append(buffer)
            w = bytearray()
    return w


def _records_size(buffers: list[Buffer]) -> int:
    return sum(map(len, buffers))


class _Encoder:
    """Emits the writing of one message; keeps the run of fixed-size writes not yet emitted."""

    def __init__(self, source: Source, target: str = "w") -> None:
        self.out = source
        self.target = target
        self.run: list[tuple[str, str]] = []

    def flush(self) -> None:
        """Emit the pending run of fixed-size writes."""
        if not self.run:
            return
        codes = "".join(code for code, _ in self.run)
        values = ", ".join(value for _, value in self.run if value)
        if codes == "x":
            self.out.emit(f"{self.target}.append(0)")
        elif codes == "B":
            self.out.emit(f"{self.target}.append({values})")
        else:
            pack = self.out.packing(codes, "pack")
            self.out.emit(f"{self.target} += {pack}({values})")
        self.run = []

    def struct(self, schema: Schema, value: str) -> None:
        """Emit the writing of one struct held in the variable `value`."""
        version = self.out.version
        for item in present_fields(schema, version):
            self.field(item, f"{value}.{item.name}")
        if self.out.flexible:
            tagged = tagged_fields(schema, version)
            if tagged:
                self.tags(tagged, value)
            else:
                self.run.append(("x", ""))

    def field(self, item: Field, value: str, *, in_tag: bool = False) -> None:
        """Emit the writing of one field whose value is the expression `value`.

        None in a version in which the field cannot be null is written as the empty value. A
        struct that is null is marked by -1, but in a tagged field by 0.
        """
        nullable = self.out.version in item.nullable
        was_ever_null = item.nullable.first <= item.nullable.last
        if was_ever_null and not nullable and not isinstance(item.type, Schema):
            empty = [] if isinstance(item.type, Array) else item.type.zero
            value = f"({value} or {empty!r})"
        if isinstance(item.type, Schema):
            self.nested(item.type, value, nullable, null_mark=0 if in_tag else 255)
        elif isinstance(item.type, Array):
            self.array(item.type, value, nullable)
        else:
            self.primitive(item.type, value, nullable)

    def nested(self, schema: Schema, value: str, nullable: bool, *, null_mark: int) -> None:
        out = self.out
        local = out.name("v")
        out.emit(f"{local} = {value}")
        if not nullable:
            self.struct(schema, local)
            return
        self.flush()
        out.emit(f"if {local} is None:")
        out.emit(f"    {self.target}.append({null_mark})")
        out.emit("else:")
        out.indent += 1
        self.run.append(("b", "1"))
        self.struct(schema, local)
        self.flush()
        out.indent -= 1

    def length(self, code: str, size: str) -> None:
        """Emit the pending run and a length whose value is the expression `size`."""
        out = self.out
        if not out.flexible:
            self.run.append((code, size))
            self.flush()
            return
        count = out.name("n")
        out.emit(f"{count} = {size} + 1")
        before = list(self.run)
        out.emit(f"if {count} < 128:")
        out.indent += 1
        self.run.append(("B", count))
        self.flush()
        out.indent -= 1
        out.emit("else:")
        out.indent += 1
        self.run = before
        self.flush()
        out.emit(f"{self.target} += uvarint({count})")
        out.indent -= 1

    def null_branch(self, value: str, code: str) -> None:
        """Emit the null form of a value, and open the branch for when it is not null."""
        out = self.out
        before = list(self.run)
        out.emit(f"if {value} is None:")
        out.indent += 1
        self.run.append(("x", "") if out.flexible else (code, "-1"))
        self.flush()
        out.indent -= 1
        out.emit("else:")
        out.indent += 1
        self.run = before

    def primitive(self, kind: Primitive, value: str, nullable: bool) -> None:
        if kind.code is not None:
            self.run.append((kind.code, value))
            return
        out = self.out
        local, code = out.name("s"), "h" if kind.name == "string" else "i"
        if nullable:
            out.emit(f"{local} = {value}")
            self.null_branch(local, code)
            value = local
        if kind.name == "records":
            self.records(value)
        else:
            out.emit(f"{local} = {value}" + (".encode()" if kind.name == "string" else ""))
            self.length(code, f"len({local})")
            out.emit(f"{self.target} += {local}")
        if nullable:
            out.indent -= 1

    def records(self, value: str) -> None:
        out = self.out
        size, local, total = out.bind("size", _records_size), out.name("r"), out.name("n")
        out.emit(f"{local} = {value}")
        out.emit(f"{total} = {size}({local}) if {local}.__class__ is list else len({local})")
        self.length("i", total)
        out.emit(f"if {total} < {INLINE_RECORDS_BYTES} and {local}.__class__ is not list:")
        out.emit(f"    {self.target} += {local}")
        out.emit("else:")
        out.emit(f"    {self.target} = extend(parts, {self.target}, {local})")

    def array(self, kind: Array, value: str, nullable: bool) -> None:
        out = self.out
        local = out.name("l")
        out.emit(f"{local} = {value}")
        if nullable:
            self.null_branch(local, "i")
        self.length("i", f"len({local})")
        element = kind.element
        if isinstance(element, Primitive) and element.code not in (None, "16s"):
            few = out.packing_many(element.code or "", "pack")
            out.emit(f"if len({local}) < {FEW_ELEMENTS}:")
            out.emit(f"    {self.target} += {few}[len({local})](*{local})")
            out.emit("else:")
            out.emit(f"    {self.target} += pack('>%d{element.code}' % len({local}), *{local})")
        else:
            each = out.name("v")
            out.emit(f"for {each} in {local}:")
            out.indent += 1
            if isinstance(element, Schema):
                self.struct(element, each)
            else:
                self.primitive(element, each, False)
            self.flush()
            if out.lines[-1].lstrip().startswith("for "):
                out.emit("pass")
            out.indent -= 1
        if nullable:
            out.indent -= 1

    def tags(self, tagged: list[Field], value: str) -> None:
        """Emit the tagged fields that differ from their defaults, each by way of a buffer."""
        out = self.out
        self.flush()
        found = out.name("g")
        out.emit(f"{found} = []")
        for item in tagged:
            self.tag(item, value, found)
        out.emit(f"{self.target}.append(len({found}))")
        each = out.name("b")
        out.emit(f"for {each} in {found}:")
        out.emit(f"    {self.target} += {each}")

    def tag(self, item: Field, value: str, found: str) -> None:
        out = self.out
        local, body = out.name("v"), out.name("b")
        out.emit(f"{local} = {value}.{item.name}")
        out.emit(f"if {_is_set(out, item, local)}:")
        out.indent += 1
        out.emit(f"{body} = bytearray()")
        inner = _Encoder(out, body)
        inner.field(item, local, in_tag=True)
        inner.flush()
        head = out.bind("head", encode_uvarint(item.tag or 0))
        out.emit(f"{found}.append({head} + uvarint(len({body})) + {body})")
        out.indent -= 1


def _is_set(out: Source, item: Field, local: str) -> str:
    """Return the condition under which a tagged field differs from its default."""
    if has_list_default(item):
        return local
    default = default_of(item)
    if default is None:
        return f"{local} is not None"
    name = out.bind("default", default)
    return f"{local} is not {name} and {local} != {name}"

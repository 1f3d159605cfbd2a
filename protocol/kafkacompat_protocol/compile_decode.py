"""Write the decode function of one message version: straight-line, fixed fields fused.

Neighbouring fixed-size fields, and the length of what follows them, are read by one
`struct.unpack_from`. Reads beyond the buffer raise `struct.error` or `IndexError` by
themselves; lengths are checked against the end. `codec.decode` turns those into `WireError`.
"""

from collections.abc import Callable
from struct import unpack_from
from typing import Any

from kafkacompat_protocol.codegen import (
    FEW_ELEMENTS,
    MAX_TAGGED_FIELDS,
    Source,
    least_size,
    present_fields,
    tagged_fields,
)
from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.primitives import continue_uvarint, read_uvarint
from kafkacompat_protocol.schema import (
    Array,
    Field,
    Primitive,
    Schema,
    default_of,
    has_list_default,
)

MAX_STRING_BYTES = 0x7FFF
"""Compact strings could be longer, but Kafka takes none, and its records have no room for one."""
SIZES = {"?": 1, "b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "I": 4, "q": 8, "d": 8, "16s": 16}


def compile_decode(schema: Schema, version: int) -> Callable[..., Any]:
    """Return `decode(buf, pos, room) -> (object, pos)`; `room` bounds the array elements."""
    source = Source(version, version in schema.flexible)
    source.scope.update(
        more=continue_uvarint,
        uvarint=read_uvarint,
        short=_short,
        many=_many,
        nulls=_null,
        long=_long,
        unpack_from=unpack_from,
    )
    source.emit("end = len(buf)")
    if uses_records(schema, version):
        source.emit("view = memoryview(buf)")
    writer = _Decoder(source)
    result = writer.struct(schema)
    writer.flush()
    source.emit(f"return {result}, pos")
    return source.compile("decode", "buf, pos, room", f"decode {schema.name} v{version}")


def uses_records(schema: Schema, version: int) -> bool:
    """Whether a version of this message carries record batches."""
    for item in schema.fields:
        kind = item.type.element if isinstance(item.type, Array) else item.type
        if version not in item.versions:
            continue
        if isinstance(kind, Schema) and uses_records(kind, version):
            return True
        if isinstance(kind, Primitive) and kind.name == "records":
            return True
    return False


def _short(what: str) -> WireError:
    return WireError(f"{what} runs past the end of the message")


def _long() -> WireError:
    return WireError(f"a string of more than {MAX_STRING_BYTES} bytes")


def _many(what: str) -> WireError:
    return WireError(f"{what} has more elements than a message may have")


def _null(what: str) -> WireError:
    return WireError(f"{what} may not be null")


class _Decoder:
    """Emits the reading of one message; keeps the run of fixed-size reads not yet emitted."""

    def __init__(self, source: Source) -> None:
        self.out = source
        self.run: list[tuple[str, str]] = []

    def flush(self) -> None:
        """Emit the pending run of fixed-size reads."""
        if not self.run:
            return
        codes = "".join(code for code, _ in self.run)
        targets = ", ".join(target for _, target in self.run)
        size = sum(SIZES[code] for code, _ in self.run)
        if codes == "B":
            self.out.emit(f"{targets} = buf[pos]")
        else:
            comma = "," if len(self.run) == 1 else ""
            unpack = self.out.packing(codes, "unpack")
            self.out.emit(f"{targets}{comma} = {unpack}(buf, pos)")
        self.out.emit(f"pos += {size}")
        self.run = []

    def struct(self, schema: Schema) -> str:
        """Emit the reading of one struct; return the variable that holds it."""
        out, version = self.out, self.out.version
        target = out.name("o")
        cls = out.bind("C", schema.cls)
        new = out.bind("new", schema.cls.__new__)
        out.emit(f"{target} = {new}({cls})")
        tagged = tagged_fields(schema, version)
        present = present_fields(schema, version)
        for item in schema.fields:
            if item not in present:
                self.default(item, f"{target}.{item.name}")
        for item in present:
            self.field(item, f"{target}.{item.name}", f"{schema.name}.{item.name}")
        if out.flexible:
            self.tags(target, schema, tagged)
        return target

    def default(self, item: Field, target: str) -> None:
        """Emit the value of a field that this version does not carry, or may omit."""
        if has_list_default(item):
            self.out.emit(f"{target} = []")
            return
        default = default_of(item)
        is_literal = default is None or isinstance(default, bool | int | str)
        name = repr(default) if is_literal else self.out.bind("default", default)
        self.out.emit(f"{target} = {name}")

    def field(self, item: Field, target: str, where: str, *, in_tag: bool = False) -> None:
        """Emit the reading of one field into `target`; see `compile_encode` for null structs."""
        nullable = self.out.version in item.nullable
        if isinstance(item.type, Schema):
            self.nested(item.type, target, nullable, null_below=1 if in_tag else 0)
        elif isinstance(item.type, Array):
            self.array(item.type, target, where, nullable)
        else:
            self.primitive(item.type, target, where, nullable)

    def nested(self, schema: Schema, target: str, nullable: bool, *, null_below: int) -> None:
        if not nullable:
            value = self.struct(schema)
            self.flush()
            self.out.emit(f"{target} = {value}")
            return
        mark = self.out.name("n")
        self.run.append(("b", mark))
        self.flush()
        self.out.emit(f"if {mark} < {null_below}:")
        self.out.emit(f"    {target} = None")
        self.out.emit("else:")
        self.out.indent += 1
        value = self.struct(schema)
        self.flush()
        self.out.emit(f"{target} = {value}")
        self.out.indent -= 1

    def length(self, code: str, most: int = 0) -> str:
        """Emit the reading of a length, of `most` at most; return its variable (-1 is null)."""
        size = self.out.name("n")
        self.run.append(("B" if self.out.flexible else code, size))
        self.flush()
        if self.out.flexible:
            self.out.emit(f"if {size} > 127:")
            self.out.emit(f"    {size}, pos = more(buf, pos, {size})")
            if most:
                self.out.emit(f"    if {size} > {most + 1}:")
                self.out.emit("        raise long()")
            self.out.emit(f"{size} -= 1")
        return size

    def null_check(self, size: str, target: str, where: str, nullable: bool) -> None:
        """Emit what happens when a length is -1, and open the branch for when it is not."""
        out = self.out
        if nullable:
            out.emit(f"if {size} == -1:")
            out.emit(f"    {target} = None")
            out.emit("else:")
            out.indent += 1
        out.emit(f"if {size} < 0:")
        out.emit(f"    raise nulls({where!r})")

    def primitive(self, kind: Primitive, target: str, where: str, nullable: bool) -> None:
        if kind.code is not None:
            self.run.append((kind.code, target))
            return
        out = self.out
        is_text = kind.name == "string"
        size = self.length("h", MAX_STRING_BYTES) if is_text else self.length("i")
        self.null_check(size, target, where, nullable)
        stop = out.name("p")
        out.emit(f"{stop} = pos + {size}")
        out.emit(f"if {stop} > end:")
        out.emit(f"    raise short({where!r})")
        if kind.name == "string":
            out.emit(f"{target} = str(buf[pos:{stop}], 'utf-8')")
        elif kind.name == "bytes":
            out.emit(f"{target} = bytes(buf[pos:{stop}])")
        else:
            out.emit(f"{target} = view[pos:{stop}]")
        out.emit(f"pos = {stop}")
        if nullable:
            out.indent -= 1

    def array(self, kind: Array, target: str, where: str, nullable: bool) -> None:
        out = self.out
        size = self.length("i")
        self.null_check(size, target, where, nullable)
        least = least_size(kind.element, out.version, out.flexible)
        out.emit(f"if {size} * {least} > end - pos:")
        out.emit(f"    raise short({where!r})")
        out.emit(f"room -= {size}")
        out.emit("if room < 0:")
        out.emit(f"    raise many({where!r})")
        element = kind.element
        if isinstance(element, Primitive) and element.code is not None:
            self.fixed_elements(element, target, size)
        else:
            self.elements(element, target, where, size)
        if nullable:
            out.indent -= 1

    def fixed_elements(self, element: Primitive, target: str, size: str) -> None:
        out = self.out
        if element.size == 16:
            unpack = out.packing("16s", "unpack")
            step = f"{unpack}(buf, i)[0] for i in range(pos, pos + {size} * 16, 16)"
            out.emit(f"{target} = [{step}]")
        else:
            few = out.packing_many(element.code or "", "unpack")
            out.emit(f"if {size} < {FEW_ELEMENTS}:")
            out.emit(f"    {target} = list({few}[{size}](buf, pos))")
            out.emit("else:")
            out.emit(f"    {target} = list(unpack_from('>%d{element.code}' % {size}, buf, pos))")
        out.emit(f"pos += {size} * {element.size}")

    def elements(self, element: Primitive | Schema, target: str, where: str, size: str) -> None:
        out = self.out
        items, add = out.name("l"), out.name("a")
        out.emit(f"{target} = {items} = []")
        out.emit(f"{add} = {items}.append")
        out.emit(f"for _ in range({size}):")
        out.indent += 1
        if isinstance(element, Schema):
            value = self.struct(element)
        else:
            value = out.name("s")
            self.primitive(element, value, where, False)
        self.flush()
        out.emit(f"{add}({value})")
        out.indent -= 1

    def tags(self, target: str, schema: Schema, tagged: list[Field]) -> None:
        """Emit the reading of a struct's tagged fields: known ones kept, others skipped."""
        out = self.out
        count = out.name("n")
        self.run.append(("B", count))
        self.flush()
        tag, size, stop = out.name("t"), out.name("n"), out.name("p")
        out.emit(f"if {count}:")
        out.indent += 1
        out.emit(f"if {count} > 127:")
        out.emit(f"    {count}, pos = more(buf, pos, {count})")
        out.emit(f"if {count} > {MAX_TAGGED_FIELDS}:")
        out.emit("    raise many('a set of tagged fields')")
        out.emit(f"for _ in range({count}):")
        out.indent += 1
        out.emit(f"{tag}, pos = uvarint(buf, pos)")
        out.emit(f"{size}, pos = uvarint(buf, pos)")
        out.emit(f"{stop} = pos + {size}")
        out.emit(f"if {stop} > end:")
        out.emit("    raise short('a tagged field')")
        for item in tagged:
            out.emit(f"if {tag} == {item.tag}:")
            out.indent += 1
            where = f"{schema.name}.{item.name}"
            self.field(item, f"{target}.{item.name}", where, in_tag=True)
            self.flush()
            out.emit(f"if pos != {stop}:")
            out.emit(f"    raise short('tagged field {item.name}')")
            out.indent -= 1
        out.emit(f"pos = {stop}")
        out.indent -= 2

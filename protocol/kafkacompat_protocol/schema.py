"""Declare a message once, for all its versions.

    @message(key=12, versions="0-4", flexible="4+")
    class HeartbeatRequest:
        group_id: String
        generation_id: Int32
        member_id: String
        group_instance_id: String | None = at("3+", default=None)

Field order is wire order. `codec.py` compiles the declaration into straight-line functions.
The classes become slotted and take keyword arguments; a field left out has its default.

Spec: Kafka's message definition format; KIP-482 (flexible versions and tagged fields).
"""

import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar, Union, dataclass_transform, get_args, get_origin

from kafkacompat_protocol.primitives import Buffer

T = TypeVar("T")
FOREVER = 0x7FFF
ZERO_UUID = bytes(16)


@dataclass(frozen=True, slots=True)
class Versions:
    """An inclusive range of versions; empty when `last < first`."""

    first: int
    last: int

    def __contains__(self, version: int) -> bool:
        return self.first <= version <= self.last

    @classmethod
    def parse(cls, text: str) -> "Versions":
        """Read "3", "3+", "0-4" or "none"."""
        if text == "none":
            return cls(0, -1)
        if text.endswith("+"):
            return cls(int(text[:-1]), FOREVER)
        first, _, last = text.partition("-")
        return cls(int(first), int(last or first))


@dataclass(frozen=True, slots=True)
class Primitive:
    """A wire type without parts. `code` is its `struct` letter when its size is fixed."""

    name: str
    code: str | None
    size: int
    zero: object


@dataclass(frozen=True, slots=True)
class Array:
    """A list whose elements are all of one type."""

    element: "Primitive | Schema"


Bool = Annotated[bool, Primitive("bool", "?", 1, False)]
Int8 = Annotated[int, Primitive("int8", "b", 1, 0)]
Int16 = Annotated[int, Primitive("int16", "h", 2, 0)]
Int32 = Annotated[int, Primitive("int32", "i", 4, 0)]
Int64 = Annotated[int, Primitive("int64", "q", 8, 0)]
UInt16 = Annotated[int, Primitive("uint16", "H", 2, 0)]
UInt32 = Annotated[int, Primitive("uint32", "I", 4, 0)]
Float64 = Annotated[float, Primitive("float64", "d", 8, 0.0)]
Uuid = Annotated[bytes, Primitive("uuid", "16s", 16, ZERO_UUID)]
String = Annotated[str, Primitive("string", None, 2, "")]
Bytes = Annotated[bytes, Primitive("bytes", None, 4, b"")]
Records = Annotated[Buffer | list[Buffer], Primitive("records", None, 4, b"")]


@dataclass(slots=True)
class Field:
    """One field of a struct, over all versions of its message."""

    name: str
    type: "Primitive | Array | Schema"
    versions: Versions
    default: Any
    nullable: Versions
    tag: int | None
    tagged: Versions


@dataclass(slots=True)
class Schema:
    """What a class decorated with `@message` or `@struct` declares."""

    name: str
    cls: type
    fields: list[Field]
    key: int | None = None
    versions: Versions = field(default_factory=lambda: Versions(0, FOREVER))
    flexible: Versions = field(default_factory=lambda: Versions(0, -1))
    is_message: bool = False
    shared: object = None


class _Unset:
    def __repr__(self) -> str:
        return "<unset>"


UNSET = _Unset()


@dataclass(slots=True)
class _At:
    versions: Versions
    default: Any
    nullable: Versions | None
    tag: int | None
    tagged: Versions


def at(
    versions: str = "0+",
    *,
    default: Any = UNSET,
    default_factory: Callable[[], Any] | None = None,
    nullable: str | None = None,
    tag: int | None = None,
    tagged: str | None = None,
) -> Any:
    """Say in which versions a field exists, and its default elsewhere.

    Without `default`, an array's is an empty list and a struct's the struct with its defaults;
    `default_factory` says so to type checkers.
    `nullable` narrows the versions that allow None when the annotation has `| None`;
    `tag` makes it a tagged field, in the versions of `tagged` (all of its own if not given).
    """
    where = Versions.parse(tagged or versions) if tag is not None else Versions(0, -1)
    nulls = Versions.parse(nullable) if nullable else None
    return _At(Versions.parse(versions), default, nulls, tag, where)


class Struct:
    """Base of all declared classes: equality, repr, and an `__init__` made on first use."""

    __slots__ = ()
    __schema__: Schema

    def __init__(self, **values: Any) -> None:
        cls = type(self)
        cls.__init__ = _compile_init(cls.__schema__)  # type: ignore[method-assign]
        cls.__init__(self, **values)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(
            getattr(self, f.name) == getattr(other, f.name) for f in type(self).__schema__.fields
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        parts = (f"{f.name}={getattr(self, f.name)!r}" for f in type(self).__schema__.fields)
        return f"{type(self).__name__}({', '.join(parts)})"


def _compile_init(schema: Schema) -> Callable[..., None]:
    """Make the keyword-only `__init__` that a declaration stands for."""
    scope: dict[str, Any] = {"UNSET": UNSET}
    arguments, body = [], []
    for item in schema.fields:
        name = item.name
        if has_list_default(item):
            arguments.append(f"{name}=UNSET")
            body.append(f"    self.{name} = [] if {name} is UNSET else {name}")
        else:
            scope[f"default_{name}"] = default_of(item)
            arguments.append(f"{name}=default_{name}")
            body.append(f"    self.{name} = {name}")
    star = "*, " if arguments else ""
    lines = [f"def __init__(self, {star}{', '.join(arguments)}):", *body, "    return None"]
    exec("\n".join(lines), scope)
    init: Callable[..., None] = scope["__init__"]
    return init


def has_list_default(item: Field) -> bool:
    """Whether a field's default is an empty list, of which each object gets its own."""
    return item.default is UNSET and isinstance(item.type, Array)


def default_of(item: Field) -> Any:
    """Return a field's default. A struct's is one shared object, never to be changed."""
    if item.default is not UNSET:
        return item.default
    assert isinstance(item.type, Schema)
    if item.type.shared is None:
        item.type.shared = item.type.cls()
    return item.type.shared


def _wire_type(annotation: Any, where: str) -> tuple[Primitive | Array | Schema, bool]:
    """Return the wire type that an annotation stands for, and whether it has `| None`."""
    origin = get_origin(annotation)
    if origin is Union or origin is types.UnionType:
        inner = [part for part in get_args(annotation) if part is not type(None)]
        if len(inner) != 1:
            raise TypeError(f"{where}: a union of more than one type and None")
        return _wire_type(inner[0], where)[0], True
    if origin is Annotated:
        return next(p for p in get_args(annotation) if isinstance(p, Primitive)), False
    if origin is list:
        element, nullable = _wire_type(get_args(annotation)[0], where)
        if nullable or isinstance(element, Array):
            raise TypeError(f"{where}: an array of nullable elements or of arrays")
        return Array(element), False
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return annotation.__schema__, False
    raise TypeError(f"{where}: {annotation!r} is no wire type")


def _declare_field(cls: type, name: str, annotation: Any) -> Field:
    wire, nullable = _wire_type(annotation, f"{cls.__name__}.{name}")
    given = cls.__dict__.get(name)
    spec = given if isinstance(given, _At) else at()
    default = spec.default
    if default is UNSET and isinstance(wire, Primitive):
        default = wire.zero
    always_or_never = Versions(0, FOREVER) if nullable else Versions(0, -1)
    return Field(
        name=name,
        type=wire,
        versions=spec.versions,
        default=default,
        nullable=spec.nullable or always_or_never,
        tag=spec.tag,
        tagged=spec.tagged,
    )


def _declare(cls: type[T]) -> type[T]:
    annotations = inspect.get_annotations(cls)
    fields = [_declare_field(cls, name, annotation) for name, annotation in annotations.items()]
    body: dict[str, Any] = {
        "__slots__": tuple(item.name for item in fields),
        "__doc__": cls.__doc__,
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__annotations__": annotations,
    }
    made: Any = type(cls.__name__, (Struct,), body)
    made.__schema__ = Schema(cls.__name__, made, fields)
    return made  # type: ignore[no-any-return]


@dataclass_transform(kw_only_default=True, field_specifiers=(at,))
def struct(cls: type[T]) -> type[T]:
    """Declare a part of a message."""
    return _declare(cls)


@dataclass_transform(kw_only_default=True, field_specifiers=(at,))
def message(
    *, versions: str, key: int | None = None, flexible: str = "none"
) -> Callable[[type[T]], type[T]]:
    """Declare a message or record: its key, its versions, and which of them are flexible."""

    def decorate(cls: type[T]) -> type[T]:
        made: Any = _declare(cls)
        schema: Schema = made.__schema__
        schema.key = key
        schema.versions = Versions.parse(versions)
        schema.flexible = Versions.parse(flexible)
        schema.is_message = True
        return made  # type: ignore[no-any-return]

    return decorate


def schema_of(cls: type) -> Schema:
    """Return the declaration behind a message class."""
    found: Schema = cls.__schema__  # type: ignore[attr-defined]
    return found

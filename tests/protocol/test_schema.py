"""Declarations: what a decorated class becomes."""

import pytest

from kafkacompat_protocol.schema import (
    FOREVER,
    ZERO_UUID,
    Int32,
    Int64,
    String,
    Uuid,
    Versions,
    at,
    message,
    schema_of,
    struct,
)


@struct
class Part:
    index: Int32 = at(default=0)


@message(key=999, versions="1-4", flexible="3+")
class ExampleRequest:
    name: String
    topic_id: Uuid = at("2+", default=ZERO_UUID)
    offset: Int64 = at("2-3", default=-1)
    parts: list[Part] = at(default_factory=list)
    part: Part = at("4+", tag=1, default_factory=Part)
    note: String | None = at("3+", nullable="4+", default=None)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("3", 3, 3), ("3+", 3, FOREVER), ("0-4", 0, 4), ("none", 0, -1)],
)
def test_versions_are_read(text: str, first: int, last: int) -> None:
    versions = Versions.parse(text)
    assert versions == Versions(first, last)
    assert (first in versions) == (first <= last)
    assert last + 1 not in versions


def test_a_declaration_is_kept_in_wire_order() -> None:
    schema = schema_of(ExampleRequest)
    assert (schema.key, schema.versions, schema.flexible) == (
        999,
        Versions(1, 4),
        Versions(3, FOREVER),
    )
    slots: tuple[str, ...] = vars(ExampleRequest)["__slots__"]
    assert [f.name for f in schema.fields] == list(slots)
    assert schema.fields[4].tagged == Versions(4, FOREVER)
    assert schema.fields[5].nullable == Versions(4, FOREVER)


def test_fields_left_out_have_their_defaults() -> None:
    made = ExampleRequest(name="x")
    assert (made.topic_id, made.offset, made.parts, made.note) == (ZERO_UUID, -1, [], None)
    assert made.part == Part(index=0)


def test_each_object_has_a_list_of_its_own() -> None:
    assert ExampleRequest(name="x").parts is not ExampleRequest(name="x").parts


def test_objects_are_slotted_and_compare_by_value() -> None:
    assert ExampleRequest(name="x") == ExampleRequest(name="x")
    assert ExampleRequest(name="x") != ExampleRequest(name="y")
    assert ExampleRequest(name="x") != Part()
    assert repr(Part(index=3)) == "Part(index=3)"
    with pytest.raises(AttributeError):
        ExampleRequest(name="x").other = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        ExampleRequest(nonsense=1)  # type: ignore[call-arg]


def test_an_annotation_that_is_no_wire_type_is_refused() -> None:
    for annotation in (int, list[list[Int32]], list[String | None], Int32 | String):
        with pytest.raises(TypeError):
            struct(type("Wrong", (), {"__annotations__": {"field": annotation}}))

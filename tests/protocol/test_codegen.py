"""What the generators share."""

import traceback

import pytest

from kafkacompat_protocol import codec
from kafkacompat_protocol.codegen import (
    Source,
    least_size,
    present_fields,
    tagged_fields,
)
from kafkacompat_protocol.schema import schema_of
from tests.protocol.test_schema import ExampleRequest


def test_fields_are_picked_by_version() -> None:
    schema = schema_of(ExampleRequest)
    assert [f.name for f in present_fields(schema, 1)] == ["name", "parts"]
    assert [f.name for f in present_fields(schema, 4)] == ["name", "topic_id", "parts", "note"]
    assert [f.name for f in tagged_fields(schema, 4)] == ["part"]
    assert tagged_fields(schema, 3) == []


@pytest.mark.parametrize(("version", "size"), [(1, 2 + 4), (2, 2 + 16 + 8 + 4), (4, 1 + 16 + 3)])
def test_the_least_size_is_that_of_an_empty_message(version: int, size: int) -> None:
    schema = schema_of(ExampleRequest)
    flexible = version in schema.flexible
    assert least_size(schema, version, flexible) == size
    note = "" if version >= 3 else None
    empty = codec.encode(ExampleRequest(name="", note=note), version)
    assert len(empty) == size


def test_tracebacks_show_the_generated_source() -> None:
    source = Source(0, flexible=False)
    source.emit("return buf[7]")
    function = source.compile("decode", "buf", "a test's function")
    with pytest.raises(IndexError) as raised:
        function(b"")
    text = "".join(traceback.format_exception(raised.value))
    assert "return buf[7]" in text
    assert "a test's function" in text


def test_a_value_bound_twice_has_one_name() -> None:
    source = Source(0, flexible=False)
    value = object()
    assert source.bind("x", value) == source.bind("x", value)
    assert source.bind("x", object()) != source.bind("x", value)

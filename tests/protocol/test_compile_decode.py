"""Decoding: bounds and shapes that no ordinary message has."""

import pytest

from kafkacompat_protocol import codec
from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.messages.metadata import MetadataRequest
from kafkacompat_protocol.messages.produce import ProduceRequest
from kafkacompat_protocol.schema import Int32, Int64, String, Uuid, at, message, struct


@struct
class Cursor:
    topic: String
    index: Int32


@message(key=998, versions="0-1", flexible="1+")
class OddRequest:
    numbers: list[Int64] | None = at(default=None)
    ids: list[Uuid] = at(default_factory=list)
    names: list[String] = at(default_factory=list)
    cursor: Cursor | None = at("1+", default=None)
    limit: Int32 = at("1+", tag=3, default=7)
    last: Int32 = at(default=0)


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("count", [0, 1, 8, 9, 300])
def test_arrays_of_any_length_are_read(version: int, count: int) -> None:
    request = OddRequest(
        numbers=list(range(-1, count - 1)),
        ids=[bytes([i % 256]) * 16 for i in range(count)],
        names=[f"n{i}" for i in range(count)],
        last=5,
    )
    assert codec.decode(OddRequest, version, codec.encode(request, version)) == request


def test_a_struct_may_be_null() -> None:
    for cursor in (None, Cursor(topic="t", index=4)):
        request = OddRequest(cursor=cursor, limit=9)
        assert codec.decode(OddRequest, 1, codec.encode(request, 1)) == request


def test_unknown_tagged_fields_are_skipped_and_known_ones_kept() -> None:
    # null numbers, no ids, no names, null cursor, last 0; tags 1, 3 and 200
    body = "00" + "01" + "01" + "ff" + "00000000"
    tags = "03" + "0102beef" + "03040000002a" + "c80100"
    assert codec.decode(OddRequest, 1, bytes.fromhex(body + tags)) == OddRequest(limit=42)


@pytest.mark.parametrize(
    "tags",
    [
        "01" + "030300002a",  # a known field shorter than its type
        "01" + "03050000002a00",  # and longer
        "01" + "01ff",  # a size that does not end
        "01" + "0109aa",  # beyond the message
        "8104" + "0100" * 513,  # too many of them
    ],
)
def test_tagged_fields_of_no_sense_are_refused(tags: str) -> None:
    body = "00" + "01" + "01" + "ff" + "00000000"
    with pytest.raises(WireError):
        codec.decode(OddRequest, 1, bytes.fromhex(body + tags))


def test_an_array_longer_than_the_rest_is_refused_before_anything_is_made() -> None:
    with pytest.raises(WireError, match="runs past the end"):
        codec.decode(MetadataRequest, 1, bytes.fromhex("7fffffff"))


def test_all_arrays_together_are_bounded() -> None:
    names = OddRequest(names=[""] * 1000)
    wire = codec.encode(names, 0)
    assert codec.decode(OddRequest, 0, wire, max_elements=1000) == names
    with pytest.raises(WireError, match="more elements"):
        codec.decode(OddRequest, 0, wire, max_elements=999)


@pytest.mark.parametrize("length", ["fffffffe", "ffffffff"])
def test_a_length_below_zero_is_refused_where_null_is_not_allowed(length: str) -> None:
    with pytest.raises(WireError, match="null"):
        codec.decode(MetadataRequest, 0, bytes.fromhex(length))


def test_records_are_a_view_into_the_request() -> None:
    wire = bytearray.fromhex("ffff" + "0001" + "00000000" + "00000001" + "000174" + "00000001")
    wire += bytes.fromhex("00000000" + "00000003") + b"abc"
    request = codec.decode(ProduceRequest, 3, wire)
    records = request.topic_data[0].partition_data[0].records
    wire[-1:] = b"X"
    assert bytes(records or b"") == b"abX"  # type: ignore[arg-type]

"""Varints: bytes from the specification, and every bound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.primitives import (
    encode_uvarint,
    encode_varint,
    read_uvarint,
    read_varint,
    read_varlong,
)

# As in the description of protocol buffers' varints, which Kafka uses.
KNOWN = [
    (0, "00"),
    (1, "01"),
    (127, "7f"),
    (128, "8001"),
    (300, "ac02"),
    (0xFFFFFFFF, "ffffffff0f"),
]
ZIGZAG = [(0, "00"), (-1, "01"), (1, "02"), (-2, "03"), (64, "8001"), (0x7FFFFFFF, "feffffff0f")]


@pytest.mark.parametrize(("value", "wire"), KNOWN)
def test_unsigned_varints(value: int, wire: str) -> None:
    assert encode_uvarint(value).hex() == wire
    assert read_uvarint(bytes.fromhex(wire), 0) == (value, len(wire) // 2)


@pytest.mark.parametrize(("value", "wire"), ZIGZAG)
def test_signed_varints(value: int, wire: str) -> None:
    assert encode_varint(value).hex() == wire
    assert read_varint(bytes.fromhex(wire), 0) == (value, len(wire) // 2)
    assert read_varlong(bytes.fromhex(wire), 0) == (value, len(wire) // 2)


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_any_long_is_read_as_it_was_written(value: int) -> None:
    wire = encode_varint(value)
    assert read_varlong(b"x" + wire, 1) == (value, 1 + len(wire))


@pytest.mark.parametrize("read", [read_uvarint, read_varint])
@pytest.mark.parametrize("wire", ["808080808001", "ffffffff1f", "ffffffffffff"])
def test_a_varint_of_more_than_32_bits_is_refused(read: object, wire: str) -> None:
    with pytest.raises(WireError):
        read(bytes.fromhex(wire), 0)  # type: ignore[operator]


@pytest.mark.parametrize("wire", ["80" * 10 + "01", "ff" * 9 + "7f"])
def test_a_varlong_of_more_than_64_bits_is_refused(wire: str) -> None:
    with pytest.raises(WireError):
        read_varlong(bytes.fromhex(wire), 0)


@pytest.mark.parametrize("read", [read_uvarint, read_varint, read_varlong])
def test_a_varint_cut_short_is_an_index_error(read: object) -> None:
    with pytest.raises(IndexError):
        read(b"\x80\x80", 0)  # type: ignore[operator]

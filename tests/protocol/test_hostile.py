"""Bytes that make no sense end in WireError, in bounded memory, for every message."""

import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafkacompat_protocol.codec import decode, encode
from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.generate_index import all_messages
from kafkacompat_protocol.messages.fetch import FetchRequest, FetchTopic
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest
from kafkacompat_protocol.messages.metadata import MetadataRequest
from kafkacompat_protocol.messages.produce import ProduceRequest
from kafkacompat_protocol.primitives import encode_uvarint
from kafkacompat_protocol.schema import schema_of
from tests.protocol.oracles.values import Filler, versions_of

MESSAGES = all_messages()
every_message = pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
# An unknown tagged field: tag 999 with three bytes.
UNKNOWN_TAG = encode_uvarint(999) + b"\x03abc"


def layouts_of(cls: type) -> Iterator[int]:
    """Yield the versions of a message, without those laid out like the one before."""
    before = b""
    for version in versions_of(cls):
        data = encode(short(cls, version), version)
        if data != before:
            yield version
        before = data


def short(cls: type, version: int) -> Any:
    return Filler(version, "short", 1).fill(schema_of(cls))


def refusal_or_nothing(cls: type, version: int, data: bytes) -> None:
    """Decode; anything but WireError gets out."""
    with suppress(WireError):
        decode(cls, version, data)


@every_message
def test_a_message_cut_anywhere_is_refused(cls: type) -> None:
    for version in layouts_of(cls):
        data = encode(short(cls, version), version)
        for size in range(len(data)):
            with pytest.raises(WireError):
                decode(cls, version, data[:size])


@every_message
def test_bytes_after_a_message_are_refused(cls: type) -> None:
    for version in layouts_of(cls):
        with pytest.raises(WireError, match="too many"):
            decode(cls, version, encode(short(cls, version), version) + b"\x00")


@every_message
def test_the_largest_and_smallest_lengths_anywhere_raise_nothing_else(cls: type) -> None:
    for version in layouts_of(cls):
        data = encode(short(cls, version), version)
        for at in range(len(data)):
            for length in (b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"\xff\xff\xff\xff\x0f"):
                changed = data[:at] + length + data[at + len(length) :]
                refusal_or_nothing(cls, version, changed)


@given(
    cls=st.sampled_from(MESSAGES),
    pick=st.integers(0, 99),
    changes=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1),
)
@settings(max_examples=1000)
def test_changed_bytes_raise_nothing_else(
    cls: type, pick: int, changes: list[tuple[int, int]]
) -> None:
    version = versions_of(cls)[pick % len(versions_of(cls))]
    data = bytearray(encode(Filler(version, "full", pick).fill(schema_of(cls)), version))
    for at, byte in changes:
        if data:
            data[at % len(data)] = byte

    refusal_or_nothing(cls, version, bytes(data))


@given(cls=st.sampled_from(MESSAGES), pick=st.integers(0, 99), data=st.binary(max_size=200))
@settings(max_examples=500)
def test_random_bytes_raise_nothing_else(cls: type, pick: int, data: bytes) -> None:
    refusal_or_nothing(cls, versions_of(cls)[pick % len(versions_of(cls))], data)


@every_message
def test_unknown_tagged_fields_are_skipped(cls: type) -> None:
    for version in versions_of(cls):
        if version not in schema_of(cls).flexible:
            continue
        value = Filler(version, "empty", 1).fill(schema_of(cls))
        data = encode(value, version)
        assert data[-1] == 0
        assert decode(cls, version, data[:-1] + b"\x02" + UNKNOWN_TAG * 2) == value


def test_too_many_tagged_fields_are_refused() -> None:
    data = encode(MetadataRequest(), 12)[:-1]

    with pytest.raises(WireError, match="tagged fields"):
        decode(MetadataRequest, 12, data + encode_uvarint(257) + b"\x63\x00" * 257)


def test_a_tagged_field_longer_than_its_message_is_refused() -> None:
    with pytest.raises(WireError, match="tagged field"):
        decode(MetadataRequest, 12, encode(MetadataRequest(), 12)[:-1] + b"\x01\x63\x7f")


HUGE = b"\x7f\xff\xff\xff"
HUGE_COMPACT = b"\xff\xff\xff\xff\x0f"


@pytest.mark.parametrize(
    ("cls", "version", "data"),
    [
        (MetadataRequest, 1, HUGE),
        (MetadataRequest, 9, HUGE_COMPACT),
        (FetchRequest, 4, bytes(17) + HUGE),
        (ProduceRequest, 3, b"\xff\xff" + bytes(6) + b"\x00\x00\x00\x01\x00\x01t" + HUGE),
        (MetadataRequest, 1, b"\x00\x00\x00\x01\x7f\xff"),
    ],
)
def test_a_huge_length_is_refused_without_its_memory(cls: type, version: int, data: bytes) -> None:
    refusal_or_nothing(cls, version, data)  # compiles
    tracemalloc.start()
    with pytest.raises(WireError, match="past the end"):
        decode(cls, version, data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 64 << 10


def test_the_elements_of_all_arrays_together_are_bounded() -> None:
    topics = [FetchTopic(topic="t", partitions=[]) for _ in range(20)]
    request = FetchRequest(max_wait_ms=0, min_bytes=0, topics=topics)
    data = encode(request, 4)

    assert decode(FetchRequest, 4, data, max_elements=20) == request
    with pytest.raises(WireError, match="more elements"):
        decode(FetchRequest, 4, data, max_elements=19)


@pytest.mark.parametrize(("size", "is_taken"), [(0x7FFF, True), (0x8000, False)])
def test_a_compact_string_is_no_longer_than_a_plain_one_can_be(size: int, is_taken: bool) -> None:
    # Heartbeat v4: group id, generation, member id "", no instance, no tagged fields
    content = encode_uvarint(size + 1) + b"g" * size + bytes(4) + b"\x01" + b"\x00" + b"\x00"
    if is_taken:
        assert decode(HeartbeatRequest, 4, content).group_id == "g" * size
    else:
        with pytest.raises(WireError, match="more than 32767 bytes"):
            decode(HeartbeatRequest, 4, content)

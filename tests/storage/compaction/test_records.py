"""The loops over records: what they enter and choose, and that nonsense is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.records.record import Record, encode_records
from kafkacompat_storage.compaction import records as r
from kafkacompat_storage.compaction.offset_map import ENTRY_BYTES, OffsetMap, known_as
from kafkacompat_storage.compaction.records import BadRecords, Kept, choose, map_keys

BASE = 1000

some_records = st.lists(
    st.builds(
        Record,
        st.just(0),
        st.integers(-(1 << 40), 1 << 40),
        st.one_of(st.none(), st.binary(max_size=3), st.binary(min_size=60, max_size=70)),
        st.one_of(st.none(), st.binary(max_size=130)),
        st.lists(st.tuples(st.text(max_size=3), st.none()), max_size=1),
    ),
    max_size=8,
)


def encoded(given_records: list[Record], step: int = 1) -> bytes:
    for number, record in enumerate(given_records):
        record.offset = BASE + number * step
    return encode_records(given_records, base_offset=BASE)


def chosen(payload: bytes, count: int, known: OffsetMap, keeps: bool = True) -> Kept:
    found = list(choose(payload, count, BASE, known, keeps_tombstones=keeps))
    assert found[-1] is not None
    return found[-1]


@given(some_records, st.sampled_from([1, 70, 10_000]), st.integers(0, 3))
def test_keys_are_entered_from_an_offset_on(found: list[Record], step: int, skipped: int):
    payload = encoded(found, step)
    known = OffsetMap(1 << 20)
    first = BASE + skipped * step
    assert list(map_keys(payload, len(found), BASE, first, known)) == []
    assert known.offsets == {
        known_as(record.key): record.offset
        for record in found
        if record.key is not None and record.offset >= first
    }


@given(some_records, st.integers(0, 9), st.booleans())
def test_the_newest_stay_and_what_is_beyond_the_map(
    found: list[Record], known_count: int, keeps: bool
):
    payload = encoded(found)
    known = OffsetMap(1 << 20)
    list(map_keys(encoded(found[:known_count]), min(known_count, len(found)), BASE, 0, known))
    known.end = BASE + known_count
    stays = [
        record
        for record in found
        if record.offset >= known.end
        or (
            record.key is not None
            and known.offsets[known_as(record.key)] == record.offset
            and (keeps or record.value is not None)
        )
    ]
    kept = chosen(payload, len(found), known, keeps)
    assert b"".join(payload[start:end] for start, end in kept.spans) == encode_records(
        stays, base_offset=BASE
    )
    assert kept.records == len(stays)
    if keeps:
        assert kept.has_tombstones == any(record.value is None for record in stays)


def test_a_full_map_says_with_which_record_it_was_full():
    payload = encoded([Record(0, 0, b"%d" % (number % 7), b"v") for number in range(20)])
    known = OffsetMap(5 * ENTRY_BYTES)
    assert list(map_keys(payload, 20, BASE, 0, known)) == [BASE + 5]
    assert known.offsets == {b"%d" % number: BASE + number for number in range(5)}


def test_long_batches_give_others_a_turn():
    count = 2 * r.RECORDS_AT_A_TIME + 1
    payload = encoded([Record(0, 0, b"k", b"v") for _ in range(count)])
    known = OffsetMap(1 << 20)
    assert list(map_keys(payload, count, BASE, 0, known)) == [None, None]
    known.end = BASE + count
    found = list(choose(payload, count, BASE, known, keeps_tombstones=True))
    size = len(payload) - len(
        encode_records([Record(BASE + count - 1, 0, b"k", b"v")], base_offset=BASE)
    )
    assert found == [None, None, Kept([(size, len(payload))], 1, False)]


@pytest.mark.parametrize("key", [b"k", b"k" * 70, None])
def test_a_payload_that_is_cut_or_has_more_is_told(key: bytes | None):
    payload = encoded([Record(0, 5, b"a", b"1"), Record(0, 6, key, b"22")])
    for size in range(len(payload)):
        for walk in (
            lambda part: list(map_keys(part, 2, BASE, 0, OffsetMap(1 << 20))),
            lambda part: chosen(part, 2, OffsetMap(1 << 20)),
        ):
            with pytest.raises((BadRecords, IndexError, WireError)):
                walk(payload[:size])
    with pytest.raises(BadRecords):
        chosen(payload + b"\x00", 2, OffsetMap(1 << 20))
    with pytest.raises(BadRecords):
        list(map_keys(payload, 1, BASE, 0, OffsetMap(1 << 20)))


@given(st.binary(max_size=60), st.integers(0, 5))
def test_no_bytes_make_the_loops_do_anything_else_than_tell(noise: bytes, count: int):
    known = OffsetMap(1 << 20)
    for walk in (
        lambda: list(map_keys(noise, count, BASE, 0, known)),
        lambda: chosen(noise, count, known),
    ):
        try:
            walk()
        except (BadRecords, IndexError, WireError):
            pass


@given(some_records.filter(bool), st.integers(-(1 << 41), 1 << 41))
def test_timestamps_are_found_and_shifted(found: list[Record], by: int):
    payload = encoded(found)
    spans = [(0, len(payload))]
    times = [record.timestamp for record in found]
    assert r.latest_timestamp(payload, spans) == max(times)
    assert r.shifted(payload, spans, by) == encode_records(
        found, base_offset=BASE, base_timestamp=-by
    )

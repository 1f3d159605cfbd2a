"""What stays of a batch, field by field."""

import pytest

from kafkacompat_protocol.records.batch import (
    BatchHeader,
    check_crc,
    patch_log_append_time,
    read_header,
)
from kafkacompat_protocol.records.compression import compress
from kafkacompat_protocol.records.record import Record, build_records_batch, iterate_records
from kafkacompat_storage.compaction.batches import (
    Fate,
    LastOfProducer,
    filter_batch,
    map_batch,
)
from kafkacompat_storage.compaction.offset_map import OffsetMap
from kafkacompat_storage.compaction.records import BadRecords
from kafkacompat_storage.files import Buffer
from tests.support import batches as b

NOW = b.NOW + 1000
PLAIN = Fate(goes=False, must_stay=False, delete_retention_ms=500, now_ms=NOW)
RECORDS = [
    Record(100, b.NOW + 3, b"a", b"1", [("h", b"x")]),
    Record(101, b.NOW + 9, b"b", b"2"),
    Record(102, b.NOW + 5, b"c", b"3"),
    Record(103, b.NOW + 1, b"a", b"4"),
]
WRITTEN = {"producer_id": 7, "producer_epoch": 2, "base_sequence": 40, "partition_leader_epoch": 3}


def filtered(
    content: Buffer, fate: Fate, newest: dict[bytes, int], end: int = 1000
) -> Buffer | None:
    known = OffsetMap(1 << 20)
    known.offsets.update(newest)
    known.end = end
    return list(filter_batch(read_header(content), content, fate, known))[-1]


def fields(content: Buffer) -> BatchHeader:
    header = read_header(content)
    assert check_crc(content, 0, header.size)
    assert len(content) == header.size
    return header


@pytest.mark.parametrize("codec", range(5))
def test_what_is_newer_elsewhere_goes_and_the_rest_keeps_its_place(codec: int):
    content = build_records_batch(RECORDS, compression=codec, **WRITTEN)
    before = fields(content)
    left = filtered(content, PLAIN, {b"a": 103, b"b": 200, b"c": 102})
    assert left is not None
    after = fields(left)
    assert list(iterate_records(left)) == RECORDS[2:]
    assert after._replace(batch_length=0, crc=0) == before._replace(
        batch_length=0, crc=0, record_count=2, max_timestamp=b.NOW + 5
    )
    assert (after.last_offset, after.last_sequence) == (103, 43)


def test_everything_or_nothing_is_the_same_bytes_or_none():
    content = build_records_batch(RECORDS[:3], compression=4)
    assert filtered(content, PLAIN, {b"a": 100, b"b": 101, b"c": 102}) is content
    assert filtered(content, PLAIN, {b"a": 200, b"b": 200, b"c": 200}) is None
    assert filtered(content, PLAIN, {b"a": 100, b"b": 101, b"c": 150}, end=102) is content


def test_a_batch_that_must_stay_stays_without_records():
    content = build_records_batch(RECORDS, compression=4, is_transactional=True, **WRITTEN)
    before = fields(content)
    for fate in (
        PLAIN._replace(must_stay=True),
        PLAIN._replace(must_stay=True, goes=True),
    ):
        left = filtered(content, fate, dict.fromkeys((b"a", b"b", b"c"), 200))
        assert left is not None
        assert fields(left)._replace(crc=0) == before._replace(
            crc=0, batch_length=49, attributes=0x10, base_timestamp=-1, record_count=0
        )
        assert filtered(left, PLAIN._replace(must_stay=True), {}) == left
        assert filtered(left, PLAIN, {}) is None


def test_a_tombstone_gets_a_time_and_goes_when_that_has_passed():
    records = [Record(100, b.NOW, b"a", None), Record(101, b.NOW + 4, b"b", b"2")]
    for codec in (0, 4):
        content = build_records_batch(records, compression=codec)
        newest = {b"a": 100, b"b": 101}
        left = filtered(content, PLAIN, newest)
        assert left is not None
        assert list(iterate_records(left)) == records
        header = fields(left)
        assert header.delete_horizon_ms == header.base_timestamp == NOW + 500
        assert header.max_timestamp == b.NOW + 4
        assert filtered(left, PLAIN._replace(now_ms=NOW + 499), newest) is left
        gone = filtered(left, PLAIN._replace(now_ms=NOW + 500), newest)
        assert gone is not None
        assert list(iterate_records(gone)) == records[1:]
        assert fields(gone).delete_horizon_ms == NOW + 500
        later = filtered(left, PLAIN._replace(now_ms=NOW + 500), newest, end=100)
        assert later is left, "what the map does not know of stays"


def test_a_marker_gets_a_time_and_goes_when_that_has_passed():
    marker = b.marker(7, 2, commit=True)
    assert filtered(marker, PLAIN, {}) is marker
    left = filtered(marker, PLAIN._replace(goes=True), {})
    assert left is not None
    header = fields(left)
    assert (header.delete_horizon_ms, header.max_timestamp) == (NOW + 500, b.NOW)
    assert [r.timestamp for r in iterate_records(left)] == [b.NOW]
    assert filtered(left, PLAIN._replace(goes=True, now_ms=NOW + 499), {}) is left
    assert filtered(left, PLAIN._replace(now_ms=NOW + 500), {}) is left
    over = PLAIN._replace(goes=True, now_ms=NOW + 500)
    assert filtered(left, over, {}) is None
    empty = filtered(left, over._replace(must_stay=True), {})
    assert empty is not None
    assert (fields(empty).record_count, fields(empty).is_control) == (0, True)


def test_with_log_append_time_the_time_stays():
    content = build_records_batch(RECORDS)
    patch_log_append_time(content, 0, len(content), b.NOW + 77)
    left = filtered(content, PLAIN, {b"a": 103, b"b": 200, b"c": 102})
    assert left is not None
    assert [record.timestamp for record in iterate_records(left)] == [b.NOW + 77] * 2
    assert (fields(left).timestamp_type, fields(left).max_timestamp) == (1, b.NOW + 77)


def test_the_last_batch_of_a_producer_is_known_by_its_offset_or_its_epoch():
    header = read_header(build_records_batch(RECORDS, **WRITTEN))
    assert LastOfProducer(103, 2).is_it(header)
    assert not LastOfProducer(102, 2).is_it(header)
    assert not LastOfProducer(-1, 2).is_it(header)
    marker = read_header(b.marker(7, 2, commit=True))
    assert LastOfProducer(-1, 2).is_it(marker)
    assert not LastOfProducer(-1, 3).is_it(marker)


def test_what_cannot_be_read_is_told():
    bomb = build_records_batch(RECORDS, compression=4)
    header = read_header(bomb)
    packed = compress(4, bytes(65 << 20))
    content = bytearray(bomb[:61]) + packed
    content[8:12] = (len(content) - 12).to_bytes(4, "big")
    with pytest.raises(BadRecords, match="more than"):
        filtered(content, PLAIN, {})
    plain = build_records_batch(RECORDS)
    plain[57:61] = (5).to_bytes(4, "big")
    with pytest.raises(BadRecords):
        filtered(plain, PLAIN, {})
    with pytest.raises(BadRecords):
        list(map_batch(read_header(plain), plain, 0, OffsetMap(1 << 20)))
    with pytest.raises(BadRecords):
        list(map_batch(header, bomb[:-3], 0, OffsetMap(1 << 20)))


def test_a_mapped_batch_moves_the_end_of_what_is_known():
    content = build_records_batch(RECORDS)
    known = OffsetMap(1 << 20)
    assert list(map_batch(read_header(content), content, 0, known)) == []
    assert (known.end, known.offsets) == (104, {b"a": 103, b"b": 101, b"c": 102})
    full = OffsetMap(0)
    list(map_batch(read_header(content), content, 0, full))
    assert (full.end, full.offsets) == (101, {b"a": 100})

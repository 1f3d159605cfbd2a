"""Offsets by timestamp, and aborted transactions, over several segments."""

import pytest

from kafkacompat_storage.log import PartitionLog
from kafkacompat_storage.queries import (
    find_aborted,
    find_max_timestamp,
    find_timestamp,
    read_to_end,
)
from tests.support import batches as b
from tests.support.batches import NOW, append, batch, write


@pytest.fixture(params=["file", "memory"])
def log(request: pytest.FixtureRequest) -> PartitionLog:
    made = b.new_log() if request.param == "file" else b.memory_log()
    for number in range(40):
        append(made, batch(b"a", b"b", timestamp=NOW + number * 10), epoch=number // 20)
    return made


def test_the_first_record_not_before_a_time_is_found(log: PartitionLog):
    for number in range(40):
        for timestamp in (NOW + number * 10, NOW + number * 10 - 9):
            found = find_timestamp(log, timestamp)
            assert found == (NOW + number * 10, number * 2, number // 20)
    assert find_timestamp(log, 0) == (NOW, 0, 0)
    assert find_timestamp(log, NOW + 391) is None


def test_timestamps_out_of_order_give_the_first_that_is_late_enough(log: PartitionLog):
    append(log, batch(b"late", timestamp=NOW + 5000), epoch=1)
    append(log, batch(b"early", timestamp=NOW + 1), epoch=1)
    append(log, batch(b"later", timestamp=NOW + 6000), epoch=1)
    assert find_timestamp(log, NOW + 400) == (NOW + 5000, 80, 1)
    assert find_timestamp(log, NOW + 5001) == (NOW + 6000, 82, 1)


def test_the_latest_record_is_the_first_with_the_highest_time(log: PartitionLog):
    assert find_max_timestamp(log) == (NOW + 390, 78, 1)
    append(log, batch(b"x", timestamp=NOW + 390), epoch=1)
    assert find_max_timestamp(log) == (NOW + 390, 78, 1)
    write(log, memoryview(batch(b"x", timestamp=NOW + 9000)), now_ms=NOW, leader_epoch=1)
    assert find_max_timestamp(log) == (NOW + 390, 78, 1)
    assert find_timestamp(log, NOW + 8000) is None
    log.commit()
    assert find_max_timestamp(log) == (NOW + 9000, 81, 1)


def test_records_before_the_start_are_not_found(log: PartitionLog):
    log.advance_log_start(11)
    assert find_timestamp(log, 0) == (NOW + 50, 11, 0)
    log.advance_log_start(80)
    assert find_timestamp(log, 0) is None
    assert find_max_timestamp(log) is None


def test_records_without_a_timestamp_have_none():
    log = b.new_log()
    append(log, batch(b"x", timestamp=-1))
    assert find_max_timestamp(log) is None
    assert find_timestamp(log, 0) is None


def test_aborted_transactions_of_old_segments_are_told_where_they_matter(log: PartitionLog):
    for sequence in range(6):
        content = batch(b"x" * 200, producer_id=5, epoch=0, sequence=sequence, transactional=True)
        append(log, content)
        append(log, b.marker(5, 0, commit=sequence % 2 == 1), own=True)
    assert find_aborted(log, 0, 999) == [(5, 80), (5, 84), (5, 88)]
    assert find_aborted(log, 82, 999) == [(5, 84), (5, 88)]
    assert find_aborted(log, 81, 84) == [(5, 80)]
    assert find_aborted(log, 90, 999) == []


def test_a_whole_log_is_read_to_its_end_over_all_segments(log: PartitionLog):
    assert len(log.segments) > 2
    found = [item for piece in read_to_end(log, 2) for item in piece]
    assert [header.base_offset for header, _ in found] == list(range(2, 80, 2))
    assert b"".join(content for _, content in found) == b.read_all(log, 2)
    assert list(read_to_end(log, log.end_offset)) == []

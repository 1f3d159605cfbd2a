"""A partition's log over files and in memory: offsets, duplicates, rolling, reading, bounds."""

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import build_batch, check_crc, read_batches, read_header
from kafkacompat_storage.files import Buffer
from kafkacompat_storage.log import Miss, PartitionLog, Read
from kafkacompat_storage.memory_files import MemoryFile, MemoryFiles
from kafkacompat_storage.queries import find_aborted
from tests.support import batches as b
from tests.support.batches import NOW, append, batch, read_all, write


@pytest.fixture(params=["file", "memory"])
def log(request: pytest.FixtureRequest) -> PartitionLog:
    return b.new_log() if request.param == "file" else b.memory_log()


def refused(log: PartitionLog, content: bytearray, code: ErrorCode, *, own: bool = False) -> None:
    before = (log.end_offset, log.size_bytes)
    with pytest.raises(KafkaError) as raised:
        append(log, content, own=own)
    assert raised.value.code == code
    assert (log.end_offset, log.size_bytes) == before


def test_batches_get_offsets_and_epoch_and_keep_their_bytes(log: PartitionLog):
    sent = [batch(b"a", b"b"), batch(b"c"), batch(b"d", b"e", b"f")]
    assert [append(log, content, epoch=7) for content in sent] == [0, 2, 3]
    found = read_all(log)
    assert b.offsets(found) == [(0, 2), (2, 1), (3, 3)]
    for (at, header), original in zip(read_batches(found), sent, strict=True):
        assert header.partition_leader_epoch == 7
        assert check_crc(found, at, header.size)
        assert found[at : at + header.size] == bytes(original)
    assert (log.end_offset, log.high_watermark, log.last_stable_offset) == (6, 6, 6)
    assert (log.leader_epoch, log.size_bytes) == (7, len(found))


def test_many_batches_roll_and_are_read_whole_whatever_the_read_size(log: PartitionLog):
    for number in range(100):
        append(log, batch(b"%03d" % number * (1 + number % 7)))
    assert len(log.segments) > 5
    whole = read_all(log)
    assert b.offsets(whole) == [(number, 1) for number in range(100)]
    for max_bytes in (1, 100, 250, 999, 5000):
        assert read_all(log, max_bytes=max_bytes) == whole
    for start in range(100):
        tail = read_all(log, start, 300)
        assert b.offsets(tail)[0] == (start, 1)
        assert whole.endswith(tail)


def test_a_first_batch_that_is_too_large_is_read_whole_or_not_at_all(log: PartitionLog):
    append(log, batch(b"x" * 500))
    append(log, batch(b"y"))
    found = log.read(0, 100, up_to=2, at_least_one=True)
    assert isinstance(found, Read)
    assert b.offsets(b"".join(map(bytes, found.buffers))) == [(0, 1)]
    assert log.read(0, 100, up_to=2, at_least_one=False) == ([], 0, -1)
    assert log.read(0, 0, up_to=2, at_least_one=True) == ([], 0, -1)


def test_a_batch_in_the_middle_is_found_by_any_of_its_offsets(log: PartitionLog):
    for _ in range(20):
        append(log, batch(b"a", b"b", b"c"))
    for offset in range(60):
        found = log.read(offset, 1, up_to=60, at_least_one=True)
        assert isinstance(found, Read)
        assert read_header(bytes(found.buffers[0])).base_offset == offset // 3 * 3


def test_nothing_above_the_high_watermark_or_the_asked_end_is_read(log: PartitionLog):
    for _ in range(5):
        append(log, batch(b"x"))
    write(log, memoryview(batch(b"hidden")), now_ms=NOW, leader_epoch=0)
    assert (log.end_offset, log.high_watermark) == (6, 5)
    for up_to in (1, 3, 5, 6, 99):
        found = log.read(0, 9999, up_to=up_to, at_least_one=True)
        assert isinstance(found, Read)
        assert len(b.offsets(b"".join(map(bytes, found.buffers)))) == min(up_to, 5)
    assert log.read(5, 9999, up_to=6, at_least_one=True) == ([], 0, -1)
    assert log.read(6, 9999, up_to=6, at_least_one=True) == ([], 0, -1)


@pytest.mark.parametrize("offset", [-1, 3, 1 << 40])
def test_offsets_outside_the_log_are_out_of_range(log: PartitionLog, offset: int):
    append(log, batch(b"a", b"b"))
    with pytest.raises(KafkaError) as raised:
        log.read(offset, 10, up_to=2, at_least_one=True)
    assert raised.value.code == ErrorCode.OFFSET_OUT_OF_RANGE


def test_the_high_watermark_is_told_when_it_advances(log: PartitionLog):
    seen: list[int] = []
    log.on_high_watermark = lambda told: seen.append(told.high_watermark)
    append(log, batch(b"a"))
    log.commit()
    append(log, batch(b"b", b"c"))
    assert seen == [1, 3]


def test_log_append_time_replaces_the_clients(log: PartitionLog):
    log.rules = b.rules(timestamp_type=1)
    appended = write(log, memoryview(batch(b"x", timestamp=5)), now_ms=NOW, leader_epoch=0)
    log.commit()
    header = read_header(read_all(log))
    assert (appended.log_append_time_ms, header.max_timestamp, header.timestamp_type) == (
        NOW,
        NOW,
        1,
    )
    assert check_crc(read_all(log), 0, header.size)


def test_a_client_sends_one_batch_unless_it_was_converted(log: PartitionLog):
    two = batch(b"a") + batch(b"b", b"c")
    refused(log, bytearray(two), ErrorCode.INVALID_RECORD)
    appended = write(log, memoryview(two), now_ms=NOW, leader_epoch=3, converted=True)
    log.commit()
    assert (appended.base_offset, appended.last_offset) == (0, 2)
    assert b.offsets(read_all(log)) == [(0, 1), (1, 2)]
    for size in range(1, len(two)):
        with pytest.raises(KafkaError):
            write(log, memoryview(two[:size] + b"x"), now_ms=NOW, leader_epoch=3, converted=True)
    assert log.end_offset == 3


def test_what_is_empty_or_garbage_is_refused(log: PartitionLog):
    refused(log, bytearray(), ErrorCode.INVALID_RECORD)
    refused(log, bytearray(60), ErrorCode.CORRUPT_MESSAGE)
    refused(log, bytearray(70), ErrorCode.CORRUPT_MESSAGE)


def test_a_repeated_batch_gets_its_old_offset_and_is_not_written_again(log: PartitionLog):
    def send(sequence: int, *values: bytes) -> tuple[int, int, bool]:
        content = batch(*values, producer_id=9, epoch=0, sequence=sequence)
        appended = write(log, memoryview(content), now_ms=NOW, leader_epoch=0)
        return appended.base_offset, appended.last_offset, appended.is_duplicate

    assert send(0, b"a", b"b") == (0, 1, False)
    assert [send(2 + n, b"c")[0] for n in range(4)] == [2, 3, 4, 5]
    assert send(0, b"a", b"b") == (0, 1, True)
    assert send(3, b"c") == (3, 3, True)
    assert log.end_offset == 6
    refused(
        log, batch(b"x", producer_id=9, epoch=0, sequence=7), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    )


def test_transactions_hold_the_last_stable_offset_back_until_their_end(log: PartitionLog):
    append(log, batch(b"plain"))
    append(log, batch(b"t1", producer_id=1, epoch=0, sequence=0, transactional=True))
    append(log, batch(b"t2", producer_id=2, epoch=0, sequence=0, transactional=True))
    assert (log.high_watermark, log.last_stable_offset) == (3, 1)
    append(log, b.marker(1, 0, commit=False), own=True)
    assert log.last_stable_offset == 2
    write(
        log, memoryview(b.marker(2, 0, commit=True)), now_ms=NOW, leader_epoch=0, from_client=False
    )
    assert (log.end_offset, log.high_watermark, log.last_stable_offset) == (5, 4, 2)
    log.commit()
    assert log.last_stable_offset == 5
    assert find_aborted(log, 0, 5) == [(1, 1)]
    assert find_aborted(log, 4, 5) == []
    stable = log.read(0, 9999, up_to=1, at_least_one=True)
    assert isinstance(stable, Read)
    assert b.offsets(b"".join(map(bytes, stable.buffers))) == [(0, 1)]


def test_markers_of_old_epochs_are_refused(log: PartitionLog):
    append(log, batch(b"x", producer_id=1, epoch=3, sequence=0, transactional=True))
    refused(log, b.marker(1, 2, commit=True), ErrorCode.INVALID_PRODUCER_EPOCH, own=True)
    append(log, b.marker(1, 3, commit=True, coordinator_epoch=5), own=True)
    refused(
        log,
        b.marker(1, 3, commit=True, coordinator_epoch=4),
        ErrorCode.TRANSACTION_COORDINATOR_FENCED,
        own=True,
    )


def test_segments_roll_by_time_and_by_the_reach_of_relative_offsets(log: PartitionLog):
    log.rules = b.rules(segment_bytes=1 << 20, segment_ms=1000, timestamp_after_max_ms=1 << 40)
    append(log, batch(b"a", timestamp=NOW))
    append(log, batch(b"b", timestamp=NOW + 1000))
    append(log, batch(b"c", timestamp=NOW + 1001))
    assert [segment.base_offset for segment in log.segments] == [0, 2]
    wide = build_batch(
        b"x",
        base_offset=0,
        record_count=1,
        base_timestamp=NOW,
        max_timestamp=NOW,
        last_offset_delta=0x7FFFFFFF,
    )
    append(log, wide, own=True)
    assert log.segments[-1].base_offset == 3
    append(log, batch(b"d", timestamp=NOW))
    assert log.segments[-1].base_offset == 3 + 0x80000000


def test_segments_without_timestamps_roll_by_the_clock(log: PartitionLog):
    log.rules = b.rules(segment_ms=1000)
    for now_ms in (NOW, NOW + 999, NOW + 1001):
        write(log, memoryview(batch(b"a", timestamp=-1)), now_ms=now_ms, leader_epoch=0)
    assert [segment.base_offset for segment in log.segments] == [0, 2]


def test_the_start_advances_and_whole_segments_go(log: PartitionLog):
    for number in range(40):
        append(log, batch(b"%02d" % number))
    assert len(log.segments) > 2
    second = log.segments[1].base_offset
    log.advance_log_start(second - 1)
    assert (log.segments[0].base_offset, log.log_start_offset) == (0, second - 1)
    log.advance_log_start(second + 1)
    log.advance_log_start(3)
    assert (log.segments[0].base_offset, log.log_start_offset) == (second, second + 1)
    assert log.size_bytes == sum(segment.size for segment in log.segments)
    assert log.epoch_end_offset(0) == (0, 40)
    with pytest.raises(KafkaError):
        log.advance_log_start(41)
    with pytest.raises(KafkaError):
        log.read(second, 10, up_to=40, at_least_one=True)
    assert b.offsets(read_all(log))[0] == (second + 1, 1)
    log.advance_log_start(40)
    assert read_all(log) == b""


def test_a_failed_commit_returns_to_the_last_durable_point(log: PartitionLog):
    append(log, batch(b"kept", producer_id=1, epoch=0, sequence=0), epoch=1)
    kept = read_all(log)
    for sequence in range(1, 12):
        content = batch(b"x" * 90, producer_id=1, epoch=0, sequence=sequence, transactional=True)
        write(log, memoryview(content), now_ms=NOW, leader_epoch=2)
    assert len(log.segments) > 1
    log.fail(KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, "fsync"))
    assert (log.end_offset, log.high_watermark, log.last_stable_offset) == (1, 1, 1)
    assert (log.leader_epoch, len(log.segments), log.size_bytes) == (1, 1, len(kept))
    assert log.producers.producers[1].window[-1].last_sequence == 0
    assert read_all(log) == kept
    refused(log, batch(b"y"), ErrorCode.KAFKA_STORAGE_ERROR)


def test_the_recovery_point_does_not_pass_a_sealed_segment_before_its_indexes_are_synced():
    log = b.new_log()
    append(log, batch(b"a"))
    pending = log.begin_commit()
    log.roll(NOW)
    log.end_commit(pending)
    assert (log.high_watermark, log.recovery_point) == (1, 0)
    pending = log.begin_commit()
    assert {path.rpartition(".")[2] for path in pending.paths} >= {"txnindex", "snapshot"}
    log.end_commit(pending)
    assert log.recovery_point == 1


def test_a_deleted_log_serves_nothing(log: PartitionLog):
    append(log, batch(b"a"))
    log.delete()
    refused(log, batch(b"b"), ErrorCode.NOT_LEADER_OR_FOLLOWER)
    with pytest.raises(KafkaError):
        log.read(0, 10, up_to=1, at_least_one=True)


class SlowFile(MemoryFile):
    """A file whose bytes must be loaded first; what was loaded stays."""

    def __init__(self, files: MemoryFiles, path: str) -> None:
        super().__init__(files, path)
        self.loaded: set[tuple[int, int]] = set()

    def read_nowait(self, position: int, size: int) -> Buffer | None:
        return self.read(position, size) if (position, size) in self.loaded else None

    def load(self, position: int, size: int) -> None:
        self.loaded.add((position, size))


class SlowFiles(MemoryFiles):
    def open(self, path: str, *, create: bool = False) -> MemoryFile:
        super().open(path, create=create)
        return SlowFile(self, path)


def test_a_read_that_would_wait_says_so_and_succeeds_after_loading():
    files = SlowFiles()
    log = b.new_log(files)
    for number in range(60):
        append(log, batch(b"%02d" % number))
    assert isinstance(log.read(7, 500, up_to=60, at_least_one=True), Miss)
    assert b.offsets(read_all(log, max_bytes=333)) == [(number, 1) for number in range(60)]


def test_no_stable_offset_lies_before_the_start():
    log = b.memory_log()
    append(log, batch(b"a", producer_id=1, epoch=0, sequence=0, transactional=True))
    append(log, batch(b"b"))
    assert log.last_stable_offset == 0
    log.advance_log_start(1)
    assert log.last_stable_offset == 1

"""A log that another thread writes: what is where before, meanwhile and after."""

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_storage.log import PartitionLog
from kafkacompat_storage.staged import Writing
from tests.support import batches as b


def stage(log: PartitionLog, value: bytes, sequence: int = -1) -> None:
    of_producer = {"producer_id": 1, "epoch": 0, "sequence": sequence} if sequence >= 0 else {}
    content = b.batch(value, **of_producer)
    log.stage(memoryview(content), now_ms=b.NOW, leader_epoch=0)
    log.hold_staged()


def begin(log: PartitionLog) -> Writing:
    writing = log.begin_write()
    assert writing is not None
    return writing


def test_only_what_is_written_is_made_durable() -> None:
    log = b.new_log()
    b.append(log, b.batch(b"a"))
    stage(log, b"b")
    writing = begin(log)
    stage(log, b"c")
    position = log.active.size
    assert log.begin_commit().end_offset == 1
    writing.file.write_behind(writing.start, writing.contents)
    log.end_write(writing, None)
    pending = log.begin_commit()
    assert (pending.end_offset, log.end_offset) == (2, 3)
    log.commit()
    assert log.high_watermark == 2
    writing = begin(log)
    assert (writing.offset, writing.position, writing.start) == (3, position, pending.position)
    writing.file.write_behind(writing.start, writing.contents)
    log.end_write(writing, None)
    log.commit()
    assert [first for first, _ in b.offsets(bytearray(b.read_all(log)))] == [0, 1, 2]


def test_a_write_that_failed_half_way_leaves_nothing() -> None:
    log = b.new_log()
    b.append(log, b.batch(b"a", producer_id=1, epoch=0, sequence=0))
    before = (log.end_offset, log.active.size, log.producers.producers[1].window)
    stage(log, b"b", 1)
    writing = begin(log)
    stage(log, b"c", 2)
    writing.file.write_behind(writing.start, [writing.contents[0][:9]])
    with pytest.raises(KafkaError) as lost:
        log.end_write(writing, OSError("made to fail"))
    assert lost.value.code == ErrorCode.KAFKA_STORAGE_ERROR
    assert (log.end_offset, log.active.size, log.producers.producers[1].window) == before
    assert writing.file.size() == log.active.size
    assert log.begin_write() is None
    b.append(log, b.batch(b"d", producer_id=1, epoch=0, sequence=1))
    assert log.high_watermark == 2


def test_a_log_that_is_closed_meanwhile_says_so() -> None:
    log = b.new_log()
    stage(log, b"a")
    writing = begin(log)
    stage(log, b"b")
    log.delete()
    for ask in (lambda: log.end_write(writing, None), log.begin_write):
        with pytest.raises(KafkaError) as refused:
            ask()
        assert refused.value.code == ErrorCode.NOT_LEADER_OR_FOLLOWER


def test_a_log_in_memory_has_nothing_to_write() -> None:
    log = b.memory_log()
    stage(log, b"a")
    assert log.begin_write() is None
    log.commit()
    assert log.high_watermark == 1

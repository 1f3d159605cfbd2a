"""Builders of batches and logs for the tests of storage."""

from collections.abc import Sequence
from typing import Any

from kafkacompat_protocol.records.batch import build_batch
from kafkacompat_protocol.records.control import build_end_txn_batch
from kafkacompat_storage.appended import Appended
from kafkacompat_storage.files import Files
from kafkacompat_storage.folder import FileFolder, MemoryFolder
from kafkacompat_storage.later import Later, Work
from kafkacompat_storage.log import AppendRules, PartitionLog, Read
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.recovery import Opening, open_log

NOW = 1_700_000_000_000


def record(
    offset_delta: int, value: bytes, key: bytes | None = b"k", timestamp_delta: int = 0
) -> bytes:
    """One record of format v2, written out by hand; no headers."""
    body = b"\x00" + zigzag(timestamp_delta) + zigzag(offset_delta)
    body += zigzag(-1) if key is None else zigzag(len(key)) + key
    body += zigzag(len(value)) + value + b"\x00"
    return zigzag(len(body)) + body


def zigzag(number: int) -> bytes:
    number = (number << 1) ^ (number >> 63)
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(0x80 | (number & 0x7F))
        number >>= 7
    return bytes([*encoded, number])


def batch(
    *values: bytes,
    timestamp: int = NOW,
    key: bytes | None = b"k",
    producer_id: int = -1,
    epoch: int = -1,
    sequence: int = -1,
    transactional: bool = False,
    base_offset: int = 0,
) -> bytearray:
    """A batch with one record per value."""
    return build_batch(
        b"".join(record(at, value, key) for at, value in enumerate(values)),
        base_offset=base_offset,
        record_count=len(values),
        base_timestamp=timestamp,
        max_timestamp=timestamp,
        producer_id=producer_id,
        producer_epoch=epoch,
        base_sequence=sequence,
        is_transactional=transactional,
    )


def marker(producer_id: int, epoch: int, *, commit: bool, coordinator_epoch: int = 0) -> bytearray:
    return build_end_txn_batch(
        commit=commit,
        producer_id=producer_id,
        producer_epoch=epoch,
        coordinator_epoch=coordinator_epoch,
        timestamp_ms=NOW,
    )


def rules(**changes: int) -> AppendRules:
    """Small segments and a dense index, so that little data reaches every branch."""
    made = AppendRules(segment_bytes=1000, index_interval_bytes=100)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


class AtOnce(Later):
    """Nothing waits: what is added is done."""

    def add(self, work: Work, delay_ms: int = 0) -> None:
        work()


def new_log(
    files: Files | None = None,
    path: str = "/d/t-0",
    with_rules: AppendRules | None = None,
    recovery_point: int | None = None,
    log_start_offset: int = 0,
) -> PartitionLog:
    """Open a log in a folder that is made if need be; what waits to be done is done at once."""
    files = files or MemoryFiles()
    files.mkdir(path)
    opening = Opening(
        "t",
        0,
        None,
        with_rules or rules(),
        NOW,
        log_start_offset=log_start_offset,
        recovery_point=recovery_point,
    )
    return open_log(FileFolder(files, path, AtOnce()), opening)


def memory_log(with_rules: AppendRules | None = None) -> PartitionLog:
    from kafkacompat_storage.leader_epochs import LeaderEpochs
    from kafkacompat_storage.producer_state import ProducerState

    folder = MemoryFolder()
    return PartitionLog(
        "t",
        0,
        None,
        rules=with_rules or rules(),
        folder=folder,
        segments=[folder.new_segment(0, NOW, 100)],
        epochs=LeaderEpochs(),
        producers=ProducerState(),
    )


def write(log: PartitionLog, batches: memoryview, **how: Any) -> Appended:
    """Stage and write batches; nobody can read them yet."""
    appended = log.stage(batches, **how)
    log.write_staged()
    return appended


def append_unseen(log: PartitionLog, content: bytearray, *, own: bool = False) -> int:
    """Append and return the base offset; nobody can read it yet."""
    appended = write(log, memoryview(content), now_ms=NOW, leader_epoch=0, from_client=not own)
    return appended.base_offset


def append(log: PartitionLog, content: bytearray, epoch: int = 0, *, own: bool = False) -> int:
    """Append, make it visible, and return the base offset."""
    appended = write(log, memoryview(content), now_ms=NOW, leader_epoch=epoch, from_client=not own)
    log.commit()
    return appended.base_offset


def read_all(log: PartitionLog, start: int = 0, max_bytes: int = 1 << 20) -> bytes:
    """Read from `start` to the high watermark as a consumer does, batch boundaries checked."""
    from kafkacompat_protocol.records.batch import read_batches

    found = bytearray()
    offset = max(start, log.log_start_offset)
    while offset < log.high_watermark:
        part = log.read(offset, max_bytes, up_to=log.high_watermark, at_least_one=True)
        if not isinstance(part, Read):
            part.load()
            continue
        content = b"".join(bytes(buffer) for buffer in part.buffers)
        assert len(content) == part.size > 0
        offset = [header.next_offset for _, header in read_batches(content)][-1]
        found += content
    return bytes(found)


def offsets(content: bytes) -> Sequence[tuple[int, int]]:
    """(base offset, record count) of each batch."""
    from kafkacompat_protocol.records.batch import read_batches

    return [(header.base_offset, header.record_count) for _, header in read_batches(content)]


def words(content: bytes | None) -> list[bytes]:
    """Return what Kafka sees of a checkpoint, which is not the blanks at the ends of lines."""
    return (content or b"").split()

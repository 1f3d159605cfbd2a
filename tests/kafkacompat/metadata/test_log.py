"""The metadata log: what is appended is there again, snapshots included."""

from typing import Any

import pytest

from kafkacompat.metadata import startup
from kafkacompat.metadata.log import MetadataLog, UnknownRecord, snapshot_records
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.metadata_records.framing import encode_record
from kafkacompat_protocol.metadata_records.topics import TopicRecord
from kafkacompat_protocol.metadata_records.transactions import (
    AbortTransactionRecord,
    BeginTransactionRecord,
    EndTransactionRecord,
)
from kafkacompat_protocol.records.record import Record, build_records_batch
from kafkacompat_storage.disk_store import DiskStore
from kafkacompat_storage.journal import LocalJournal
from kafkacompat_storage.memory_files import MemoryFiles
from tests.kafkacompat.metadata.test_image import partition

NOW = 1_700_000_000_000


class Disk:
    """A directory in memory that can be opened again and again."""

    def __init__(self) -> None:
        self.files = MemoryFiles()

    def open(self) -> MetadataLog:
        """Open it as a start does; the log before is closed."""
        if hasattr(self, "store"):
            self.store.close(clean=True)
        self.store = DiskStore(self.files, ["d"], node_id=1, now_ms=NOW)
        self.store.recover()
        self.journal = LocalJournal("os", post=lambda work: work())
        return startup.open_log(self.store, self.journal, NOW)


def append(log: MetadataLog, *records: Any) -> None:
    errors: list[Any] = []
    log.append(list(records), NOW, errors.append)
    assert errors == [None]


def topic(name: str) -> TopicRecord:
    return TopicRecord(name=name, topic_id=name.encode().ljust(16, b"\0"))


def test_records_are_applied_when_durable_and_read_again() -> None:
    disk = Disk()
    log = disk.open()
    append(log, topic("a"), topic("b"))
    assert set(log.image.topics) == {"a", "b"}
    assert set(disk.open().image.topics) == {"a", "b"}


def test_each_start_raises_the_epoch_and_notes_it_for_kafka() -> None:
    disk = Disk()
    for epoch in (1, 2, 3):
        log = disk.open()
        log.begin_epoch(1, NOW)
        assert log.leader_epoch == epoch
        state = disk.files.read_file("d/__cluster_metadata-0/quorum-state")
        assert state is not None
        assert f'"leaderEpoch":{epoch}'.encode() in state


def test_a_snapshot_stands_for_the_log_before_it() -> None:
    disk = Disk()
    log = disk.open()
    log.begin_epoch(1, NOW)
    append(log, topic("a"), partition())
    log.write_snapshot(NOW)
    append(log, topic("b"))
    again = disk.open()
    assert again.snapshot_offset == 3
    assert set(again.image.topics) == {"a", "b"}
    assert list(again.image.records()) == list(log.image.records())


def test_old_snapshots_are_dropped_and_unfinished_ones_ignored() -> None:
    disk = Disk()
    log = disk.open()
    for name in "abcd":
        append(log, topic(name))
        log.write_snapshot(NOW)
    folder = "d/__cluster_metadata-0"
    assert sum(name.endswith(".checkpoint") for name in disk.files.listdir(folder)) == 2
    disk.files.write_file(f"{folder}/{99:020d}-{1:010d}.checkpoint.part", b"junk", sync=True)
    assert set(disk.open().image.topics) == set("abcd")


def test_a_snapshot_is_written_only_when_the_log_has_grown() -> None:
    log = Disk().open()
    append(log, topic("a"))
    log.snapshot_if_due(1_000_000, NOW)
    assert log.snapshot_offset == 0
    log.snapshot_if_due(1, NOW)
    assert log.snapshot_offset == 1


def test_only_finished_metadata_transactions_count() -> None:
    disk = Disk()
    log = disk.open()
    append(log, BeginTransactionRecord(name=None), topic("kept"), EndTransactionRecord())
    append(log, BeginTransactionRecord(name=None), topic("aborted"))
    append(log, AbortTransactionRecord(reason=None), topic("plain"))
    append(log, BeginTransactionRecord(name=None), topic("open"))
    assert set(disk.open().image.topics) == {"kept", "plain"}


def test_record_types_that_we_do_not_know_survive_a_snapshot() -> None:
    disk = Disk()
    log = disk.open()
    unknown = bytes((1, 99, 0)) + b"whatever"
    batch = build_records_batch([Record(0, NOW, None, unknown)])
    log._append(batch, NOW)
    log = disk.open()
    assert [record.framed for record in log.image.kept] == [unknown]
    log.write_snapshot(NOW)
    again = disk.open()
    assert [type(record) for record in again.image.kept] == [UnknownRecord]
    assert again.image.kept[0].framed == unknown


def test_a_bootstrap_checkpoint_is_read_as_records() -> None:
    framed = encode_record(topic("a"), 0)
    content = bytes(build_records_batch([Record(0, NOW, None, framed)]))
    assert list(snapshot_records(content)) == [topic("a")]


def test_no_flipped_bit_of_a_snapshot_or_of_quorum_state_is_believed() -> None:
    disk = Disk()
    log = disk.open()
    log.begin_epoch(1, NOW)
    append(log, topic("a"), partition())
    log.write_snapshot(NOW)
    disk.store.close(clean=True)
    before = {path: bytes(kept) for path, kept in disk.files.contents.items()}
    (snapshot,) = [path for path in before if path.endswith("01.checkpoint")]
    for path, step in ((snapshot, 7), ("d/__cluster_metadata-0/quorum-state", 5)):
        for bit in range(0, 8 * len(before[path]), step):
            again = Disk()
            contents = {each: bytearray(kept) for each, kept in before.items()}
            contents[path][bit // 8] ^= 1 << bit % 8
            again.files = MemoryFiles(contents, set(disk.files.folders))
            found = again.open()
            assert set(found.image.topics) == {"a"}
            found.begin_epoch(1, NOW)
            assert found.leader_epoch == 2


def test_without_a_snapshot_that_can_be_read_a_log_that_was_cut_is_not_believed() -> None:
    disk = Disk()
    log = disk.open()
    append(log, topic("a"))
    disk.store.opened()[0].advance_log_start(1)
    with pytest.raises(KafkaError, match="no snapshot that can be read"):
        disk.open()

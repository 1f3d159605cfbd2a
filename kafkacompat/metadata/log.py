"""The metadata log: __cluster_metadata-0 in KRaft's form, loaded into an image and appended to.

One command is one batch, so it is there after a crash as a whole or not at all. Records reach the
image when they are durable, in order. A snapshot is a file of record batches between a header
and a footer control batch, named after the offset and epoch that it reaches.

Spec: KIP-595 (the log), KIP-630 (snapshots), KIP-631 (records), KIP-868 (metadata transactions).
"""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kafkacompat.metadata.image import MetadataImage
from kafkacompat.metadata.record_versions import record_version
from kafkacompat_protocol.codec import encode
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.control import (
    LeaderChangeMessage,
    SnapshotFooterRecord,
    SnapshotHeaderRecord,
    Voter,
)
from kafkacompat_protocol.metadata_records.framing import decode_record, encode_record
from kafkacompat_protocol.metadata_records.topics import RemoveTopicRecord
from kafkacompat_protocol.metadata_records.transactions import (
    AbortTransactionRecord,
    BeginTransactionRecord,
    EndTransactionRecord,
)
from kafkacompat_protocol.records.batch import check_crc, read_batches
from kafkacompat_protocol.records.control import (
    ControlRecordType,
    build_control_batch,
    read_control_record,
)
from kafkacompat_protocol.records.record import Record, build_records_batch, iterate_records
from kafkacompat_storage import names
from kafkacompat_storage.appended import Appended
from kafkacompat_storage.checkpoint import replace_file
from kafkacompat_storage.files import Files
from kafkacompat_storage.journal import Journal
from kafkacompat_storage.log import PartitionLog
from kafkacompat_storage.queries import read_to_end

log = logging.getLogger("kafkacompat.metadata")

SNAPSHOT_BATCH_RECORDS = 500
SNAPSHOTS_KEPT = 2


class UnknownRecord:
    """A record whose type or version we do not know: its framed bytes, kept for snapshots."""

    __slots__ = ("framed",)

    def __init__(self, framed: bytes) -> None:
        self.framed = framed


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading the log comes to, up to an offset."""

    end_offset: int
    image: MetadataImage
    leader_epoch: int
    snapshot_offset: int
    removed: frozenset[bytes]
    bytes_since_snapshot: int


class MetadataLog:
    """The one writer and reader of the metadata log of this node."""

    def __init__(
        self, partition: PartitionLog, journal: Journal, files: Files, folder: str
    ) -> None:
        self.image = MetadataImage()
        self.leader_epoch = 0
        self.failure: KafkaError | None = None
        self.snapshot_offset = 0
        self.removed: set[bytes] = set()
        """Ids of the topics whose deletion was read while loading."""
        self._partition = partition
        self._journal = journal
        self._files = files
        self._folder = folder
        self._bytes_since_snapshot = 0

    @property
    def end_offset(self) -> int:
        """The offset that the next record will get."""
        return self._partition.end_offset

    @property
    def high_watermark(self) -> int:
        """The offset before which every record is durable."""
        return self._partition.high_watermark

    # --- loading

    def loaded(self) -> Loaded:
        """Return what the log comes to now, for another log with the same content."""
        return Loaded(
            self.end_offset,
            self.image.copy(),
            self.leader_epoch,
            self.snapshot_offset,
            frozenset(self.removed),
            self._bytes_since_snapshot,
        )

    def take(self, known: Loaded) -> bool:
        """Take in what is known instead of reading it, if it goes to where the log ends."""
        if known.end_offset != self.end_offset:
            return False
        self.image = known.image.copy()
        self.leader_epoch, self.snapshot_offset = known.leader_epoch, known.snapshot_offset
        self.removed = set(known.removed)
        self._bytes_since_snapshot = known.bytes_since_snapshot
        return True

    def load(self) -> None:
        """Build the image: the newest snapshot, then the log from there to its end."""
        position = self._load_snapshot()
        transaction: list[Any] | None = None
        for record in self._log_records(max(position, self._partition.log_start_offset)):
            if isinstance(record, BeginTransactionRecord):
                transaction = []
            elif isinstance(record, AbortTransactionRecord):
                transaction = None
            elif isinstance(record, EndTransactionRecord):
                for part in transaction or ():
                    self._take_in(part)
                transaction = None
            elif transaction is not None:
                transaction.append(record)
            else:
                self._take_in(record)
        self.leader_epoch = max(self.leader_epoch, self._partition.leader_epoch)

    def _take_in(self, record: Any) -> None:
        if isinstance(record, RemoveTopicRecord):
            self.removed.add(record.topic_id)
        self.image.apply(record)

    def _snapshots(self) -> list[tuple[int, int]]:
        if not self._files.exists(self._folder):
            return []
        found = map(names.parse_metadata_snapshot, self._files.listdir(self._folder))
        return sorted(item for item in found if item is not None)

    def _load_snapshot(self) -> int:
        for offset, epoch in reversed(self._snapshots()):
            path = f"{self._folder}/{names.metadata_snapshot(offset, epoch)}"
            content = self._files.read_file(path)
            if content is None:
                continue
            if not _is_whole(content):
                log.error("The metadata snapshot %s is damaged", path)
                continue
            for record in snapshot_records(content):
                self.image.apply(record)
            self.snapshot_offset, self.leader_epoch = offset, epoch
            return offset
        if self._partition.log_start_offset > 0:
            raise KafkaError(
                ErrorCode.KAFKA_STORAGE_ERROR,
                f"{self._folder} has no snapshot that can be read, and its log does not begin at 0",
            )
        return 0

    def _log_records(self, position: int) -> Iterator[Any]:
        for piece in read_to_end(self._partition, position):
            for header, batch in piece:
                self._bytes_since_snapshot += header.size
                self.leader_epoch = max(self.leader_epoch, header.partition_leader_epoch)
                if not header.is_control:
                    yield from _one_batch(batch)

    # --- writing

    def begin_epoch(self, node_id: int, now_ms: int) -> None:
        """Raise the leader epoch, note it in quorum-state, and say so in the log."""
        self.leader_epoch += 1
        self._write_quorum_state(node_id)
        change = LeaderChangeMessage(
            version=0,
            leader_id=node_id,
            voters=[Voter(voter_id=node_id)],
            granting_voters=[Voter(voter_id=node_id)],
        )
        batch = build_control_batch(
            ControlRecordType.LEADER_CHANGE, encode(change, 0), timestamp_ms=now_ms
        )
        self._append(batch, now_ms)

    def _write_quorum_state(self, node_id: int) -> None:
        path = f"{self._folder}/{names.QUORUM_STATE}"
        content = self._files.read_file(path)
        try:
            state = json.loads(content or b"{}")
        except ValueError:  # The log knows the epoch.
            state = {}
        if not isinstance(state, dict) or not state:
            state = {"clusterId": "", "appliedOffset": 0, "data_version": 0}
        state |= {"leaderId": node_id, "leaderEpoch": self.leader_epoch, "votedId": -1}
        if state.get("data_version") == 0:
            state["currentVoters"] = [{"voterId": node_id}]
        text = json.dumps(state, separators=(",", ":"))
        replace_file(self._files, path, text.encode())

    def append(
        self, records: list[Any], now_ms: int, done: Callable[[KafkaError | None], None]
    ) -> int:
        """Append one command's records as one batch; return the offset of the first.

        `done` is called once they are durable and applied, or with what prevented it.

        Errors: KAFKA_STORAGE_ERROR.
        """
        level = self.image.features
        values = [encode_record(record, record_version(record, level)) for record in records]
        batch = build_records_batch(
            [Record(i, now_ms, None, value) for i, value in enumerate(values)]
        )

        def durable(error: KafkaError | None) -> None:
            if error is None:
                for record in records:
                    self.image.apply(record)
            done(error)

        appended = self._append(batch, now_ms)
        self._journal.when_durable(appended, durable)
        return appended.base_offset

    def _append(self, batch: bytearray, now_ms: int) -> Appended:
        self._bytes_since_snapshot += len(batch)
        return self._journal.append(
            self._partition, memoryview(batch), now_ms=now_ms, leader_epoch=self.leader_epoch
        )

    # --- snapshots

    def snapshot_if_due(self, threshold_bytes: int, now_ms: int) -> None:
        """Write a snapshot when the log has grown by `threshold_bytes` since the last one."""
        if self._bytes_since_snapshot >= threshold_bytes:
            self.write_snapshot(now_ms)

    def write_snapshot(self, now_ms: int) -> None:
        """Write the image as a snapshot that reaches the log's end, and drop old ones."""
        end = self._partition.end_offset
        content = bytearray()
        for batch in self._snapshot_batches(now_ms):
            content += batch
        name = names.metadata_snapshot(end, self.leader_epoch)
        replace_file(self._files, f"{self._folder}/{name}", bytes(content))
        self.snapshot_offset = end
        self._bytes_since_snapshot = 0
        for offset, epoch in self._snapshots()[:-SNAPSHOTS_KEPT]:
            self._files.unlink(f"{self._folder}/{names.metadata_snapshot(offset, epoch)}")
        log.info("Wrote metadata snapshot %s", name)

    def _snapshot_batches(self, now_ms: int) -> Iterator[bytearray]:
        epoch, offset = self.leader_epoch, 0
        header = SnapshotHeaderRecord(version=0, last_contained_log_timestamp=now_ms)
        yield build_control_batch(
            ControlRecordType.SNAPSHOT_HEADER,
            encode(header, 0),
            timestamp_ms=now_ms,
            partition_leader_epoch=epoch,
        )
        offset += 1
        level = self.image.features
        values = [
            record.framed
            if isinstance(record, UnknownRecord)
            else encode_record(record, record_version(record, level))
            for record in self.image.records()
        ]
        for start in range(0, len(values), SNAPSHOT_BATCH_RECORDS):
            part = values[start : start + SNAPSHOT_BATCH_RECORDS]
            yield build_records_batch(
                [Record(offset + i, now_ms, None, value) for i, value in enumerate(part)],
                partition_leader_epoch=epoch,
            )
            offset += len(part)
        yield build_control_batch(
            ControlRecordType.SNAPSHOT_FOOTER,
            encode(SnapshotFooterRecord(version=0), 0),
            timestamp_ms=now_ms,
            base_offset=offset,
            partition_leader_epoch=epoch,
        )


def _is_whole(content: bytes) -> bool:
    """Whether a snapshot is as it was written, from its header to its footer."""
    try:
        batches = list(read_batches(content))
        kinds = [
            read_control_record(content[at : at + header.size]).type
            for at, header in batches
            if header.is_control
        ]
    except KafkaError:
        return False
    return (
        kinds[:1] == [ControlRecordType.SNAPSHOT_HEADER]
        and kinds[-1] == ControlRecordType.SNAPSHOT_FOOTER
        and batches[-1][1].is_control
        and all(check_crc(content, at, header.size) for at, header in batches)
    )


def snapshot_records(content: bytes) -> Iterator[Any]:
    """Yield the records of a snapshot, or of a bootstrap.checkpoint, which has the same form."""
    for at, header in read_batches(content):
        if not header.is_control:
            yield from _one_batch(content[at : at + header.size])


def _one_batch(batch: bytes) -> Iterator[Any]:
    for record in iterate_records(batch):
        if record.value is None:
            continue
        framed = bytes(record.value)
        value = decode_record(framed).value
        yield UnknownRecord(framed) if value is None else value

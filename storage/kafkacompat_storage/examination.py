"""Look at a stopped log directory, file by file, and say what is wrong. Nothing is changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.records.batch import HEADER_SIZE, MAGIC_AT, check_crc, read_header

from . import names
from .checkpoint import decode_lines, decode_offsets, decode_properties
from .directory_ids import decode_id
from .files import File, Files
from .identity import meta_properties
from .names import TopicPartition
from .offset_index import decode_offset_index
from .producer_snapshot import decode_snapshot
from .scan import BadBatch, Bounds, StoredBatch, scan
from .time_index import decode_time_index
from .txn_index import is_sound

SET_ASIDE: Final = "set the file aside; it is made again"
CUT: Final = "take the bytes out, and keep them beside the log"
ACCEPT_GAP: Final = "note that the log may have gaps"
NOTHING: Final = ""
_CHECKPOINTS: Final = (
    names.RECOVERY_POINT_CHECKPOINT,
    names.LOG_START_CHECKPOINT,
    names.HIGH_WATERMARK_CHECKPOINT,
    names.CLEANER_CHECKPOINT,
)
_LEFT_OVER: Final = (names.CLEANED, names.SWAP, names.DELETED, names.TEMPORARY)


@dataclass(slots=True)
class Finding:
    """Something that is not as it should be. `repair` is what can be done, empty if nothing is to.

    `position` and `end` are the bytes of a .log that are no batches.
    """

    partition: str
    path: str
    what: str
    offsets: str = ""
    repair: str = NOTHING
    position: int = 0
    end: int = 0


@dataclass(slots=True)
class _Stretch:
    """A run of bytes without a batch, between batches; `position` == `end` if there is none."""

    position: int
    end: int
    reason: str
    next_offset: int
    """Where the batches before it end."""
    following: int
    """Where those after it begin, -1 if there are none."""


def examine(files: Files, log_dir: str) -> Iterator[Finding]:
    """Yield what is wrong in a log directory that nobody uses. Blocks. Errors: OSError."""
    found = files.listdir(log_dir)
    if "cluster.id" not in meta_properties(files, log_dir):
        path = f"{log_dir}/{names.META_PROPERTIES}"
        yield Finding("", path, "does not say which cluster the directory belongs to")
    for name in _CHECKPOINTS:
        content = files.read_file(f"{log_dir}/{name}")
        if content is not None and decode_lines(content) is None:
            yield Finding("", f"{log_dir}/{name}", "garbled", repair=SET_ASIDE)
    points = decode_offsets(files.read_file(f"{log_dir}/{names.RECOVERY_POINT_CHECKPOINT}"))
    cleaned = decode_offsets(files.read_file(f"{log_dir}/{names.CLEANER_CHECKPOINT}"))
    for name in found:
        path = f"{log_dir}/{name}"
        place = names.parse_partition_folder(name)
        if not files.is_directory(path):
            continue
        if place is not None:
            partition = _Partition(files, path, place)
            yield from partition.examine(points.get(place, 0), may_have_gaps=place in cleaned)
        elif name.endswith("-stray"):
            yield Finding(name, path, "of a topic that the metadata did not know; it is kept")
        elif names.is_deleted_folder(name):
            yield Finding(name, path, "waits to be deleted: the next start does it")
        elif names.parse_future_folder(name) is not None:
            yield Finding(name, path, "a copy from another directory that is not finished")


class _Partition:
    """One partition's folder."""

    def __init__(self, files: Files, path: str, place: TopicPartition) -> None:
        self._files = files
        self._path = path
        self._name = names.partition_folder(*place)
        self._is_metadata = place.topic == names.METADATA_TOPIC

    def examine(self, recovery_point: int, *, may_have_gaps: bool) -> Iterator[Finding]:
        found = self._files.listdir(self._path)
        yield from self._small_files(found)
        bases = names.offsets_of(found, names.LOG)
        end = 0
        for number, base in enumerate(bases):
            following = bases[number + 1] if number + 1 < len(bases) else None
            batches, stretches = self._scan(base, following)
            yield from self._bad_bytes(base, stretches, recovery_point)
            if not stretches:
                yield from self._indexes(base, batches)
            end = batches[-1].header.next_offset if batches else base
            if following is not None and end < following and not (stretches or may_have_gaps):
                yield Finding(
                    self._name,
                    self._log(base),
                    "ends before the next segment begins",
                    f"{end}-{following - 1}",
                    ACCEPT_GAP,
                )
        if bases and end < recovery_point:
            what = f"ends at offset {end}, and was durable up to {recovery_point}"
            lost = f"{end}-{recovery_point - 1}"
            yield Finding(self._name, self._log(bases[-1]), what, lost, "begin after what is there")

    def _log(self, base: int) -> str:
        return f"{self._path}/{names.offset_file(base, names.LOG)}"

    def _small_files(self, found: list[str]) -> Iterator[Finding]:
        for name in found:
            path = f"{self._path}/{name}"
            item = names.parse_offset_file(name)
            suffix = "" if item is None else item[1]
            if name.endswith(_LEFT_OVER):
                yield Finding(self._name, path, "left over: the next start settles it")
            elif suffix == names.SNAPSHOT:
                if decode_snapshot(self._files.read_file(path), None) is None:
                    yield Finding(self._name, path, "garbled", repair=SET_ASIDE)
            elif suffix == names.TORN:
                yield from self._torn(path)
            elif name == names.LEADER_EPOCH_CHECKPOINT and self._is_garbled(path):
                yield Finding(self._name, path, "garbled", repair=SET_ASIDE)
        if not self._is_metadata and self._topic_id() is None:
            path = f"{self._path}/{names.PARTITION_METADATA}"
            yield Finding(self._name, path, "missing or garbled: the next start writes it")

    def _is_garbled(self, path: str) -> bool:
        return decode_lines(self._files.read_file(path)) is None

    def _topic_id(self) -> bytes | None:
        content = self._files.read_file(f"{self._path}/{names.PARTITION_METADATA}")
        return decode_id(decode_properties(content).get("topic_id", ""))

    def _torn(self, path: str) -> Iterator[Finding]:
        """Say which whole batches are among bytes that recovery cut off."""
        file = self._files.open(path)
        size = file.size()
        spans = [
            (found.header.base_offset, found.header.last_offset)
            for found in _scan_past(file, Bounds(), in_order=False)
            if isinstance(found, StoredBatch)
        ]
        file.close()
        what = f"{size} bytes that were cut off, {len(spans)} whole batches among them"
        yield Finding(self._name, path, what, f"{spans[0][0]}-{spans[-1][1]}" if spans else "")

    def _scan(self, base: int, following: int | None) -> tuple[list[StoredBatch], list[_Stretch]]:
        """Return the batches of a segment, without their content, and what is between them."""
        file = self._files.open(self._log(base))
        batches: list[StoredBatch] = []
        stretches: list[_Stretch] = []
        last = following if following is not None else 1 << 63
        for found in _scan_past(file, Bounds(base, last), in_order=True):
            if isinstance(found, _Stretch):
                stretches.append(found)
                continue
            if stretches and stretches[-1].following < 0:
                stretches[-1].following = found.header.base_offset
            batches.append(found._replace(content=b""))
        file.close()
        return batches, stretches

    def _bad_bytes(
        self, base: int, stretches: list[_Stretch], recovery_point: int
    ) -> Iterator[Finding]:
        for each in stretches:
            was_durable = each.next_offset < recovery_point
            then = (
                "keeps the partition from being used"
                if was_durable
                else "is cut off by the next start"
            )
            end = "" if each.following < 0 else str(each.following - 1)
            yield Finding(
                self._name,
                self._log(base),
                f"bytes {each.position}-{each.end - 1} are no batch ({each.reason}); {then}",
                f"{each.next_offset}-{end}",
                CUT,
                each.position,
                each.end,
            )

    def _indexes(self, base: int, batches: list[StoredBatch]) -> Iterator[Finding]:
        """Hold a segment's indexes against its batches."""
        prefix = f"{self._path}/{names.offset_file(base, '')}"
        size = self._files.size(self._log(base))
        at = {batch.position: batch.header for batch in batches}
        content = self._files.read_file(prefix + names.OFFSET_INDEX) or b""
        entries = decode_offset_index(content, size).entries
        is_true = not content[8 * len(entries) :].strip(b"\0")
        for entry in entries:
            header = at.get(entry & 0xFFFFFFFF)
            is_true &= header is not None and header.last_offset == base + (entry >> 32)
        if not is_true:
            path = prefix + names.OFFSET_INDEX
            yield Finding(self._name, path, "does not match the log", repair=SET_ASIDE)
        content = self._files.read_file(prefix + names.TIME_INDEX) or b""
        times = decode_time_index(content, 1 << 32).timestamps
        latest = {batch.header.max_timestamp for batch in batches}
        if set(times) - latest or content[12 * len(times) :].strip(b"\0"):
            path = prefix + names.TIME_INDEX
            yield Finding(self._name, path, "does not match the log", repair=SET_ASIDE)
        aborted, checksum = (
            self._files.read_file(prefix + suffix)
            for suffix in (names.TXN_INDEX, names.TXN_CHECKSUM)
        )
        if not is_sound(aborted, checksum):
            path = prefix + names.TXN_INDEX
            yield Finding(self._name, path, "missing or garbled: it is found again in the log")


def _scan_past(file: File, bounds: Bounds, *, in_order: bool) -> Iterator[StoredBatch | _Stretch]:
    """Yield the batches of a file, and the stretches of other bytes between them and at its end.

    With `in_order` a batch that begins before those that were found is one of the other bytes.
    """
    size, position, least = file.size(), 0, bounds.next_offset
    content: bytes | None = None
    while position < size:
        try:
            if in_order:
                bounds = bounds._replace(next_offset=least)
            for batch in scan(file, position, size, verify=True, bounds=bounds):
                least = batch.header.next_offset
                yield batch
            return
        except BadBatch as error:
            if content is None:
                content = file.read(0, size)
            position = _next_batch(content, error.position + 1)
            yield _Stretch(error.position, position, error.reason, least, -1)


def _next_batch(content: bytes, position: int) -> int:
    """Return where the next whole batch begins at or after a position, or the end."""
    at = content.find(b"\x02", position + MAGIC_AT)
    while at >= 0:
        start = at - MAGIC_AT
        if start + HEADER_SIZE <= len(content):
            try:
                header = read_header(content, start)
                if check_crc(content, start, header.size):
                    return start
            except KafkaError:
                pass
        at = content.find(b"\x02", at + 1)
    return len(content)

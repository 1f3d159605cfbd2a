"""Open a partition's folder: as it was closed, or after a crash.

After a crash every batch from the recovery point's segment on is checked. The log ends before the
first bad one; the bytes cut off are kept beside it. A bad batch below the recovery point was
durable once: then the log is quarantined, as cutting it would lose what was acknowledged.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import HEADER_SIZE, BatchHeader, read_header

from . import names
from .folder import FileFolder, Folder
from .leader_epochs import EpochStart, LeaderEpochs, decode_leader_epochs
from .log import AppendRules, PartitionLog
from .producer_state import ProducerState
from .scan import BadBatch, Bounds
from .segment import FileSegment
from .segments import Need, Segment

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


@dataclass(slots=True)
class Opening:
    """How a partition is to be opened. `recovery_point` is None after a clean shutdown."""

    topic: str
    partition: int
    topic_id: bytes | None
    rules: AppendRules
    now_ms: int
    log_start_offset: int = 0
    recovery_point: int | None = None
    progress: Progress | None = None
    epochs_seen: list[EpochStart] = field(default_factory=list)
    closed_at: int | None = None
    """Where the log ended when it was closed cleanly, if that is known."""
    cleaned_to: int = 0
    """Up to where it was compacted: there may be gaps, whatever the rules are by now."""
    sync_later: bool = False
    """Whether the caller makes what was recovered durable before it is read."""
    notes: list[str] = field(default_factory=list)
    """What was found and done, for the log."""


def open_log(folder: FileFolder, opening: Opening) -> PartitionLog:
    """Open the log in a folder that exists. May block.

    Errors: KAFKA_STORAGE_ERROR where acknowledged batches are damaged. OSError.
    """
    settle_names(folder)
    segments = _find_segments(folder, opening)
    try:
        if opening.recovery_point is None:
            segments[-1].open_active()
            if opening.closed_at not in (None, segments[-1].next_offset):
                opening.recovery_point = opening.closed_at
        if opening.recovery_point is None:
            state = replay_producers(folder, list(segments), opening.now_ms)
        else:
            state = _recover(folder, segments, opening, opening.recovery_point)
        if opening.closed_at not in (None, segments[-1].next_offset):
            raise BadBatch(0, f"ends at {segments[-1].next_offset}, not {opening.closed_at}")
    except BadBatch as error:
        where = f"{folder.path}: {error}"
        raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, where) from error
    end_offset = segments[-1].next_offset
    if end_offset < opening.log_start_offset:
        folder.discard(list(segments), opening.log_start_offset)
        interval = opening.rules.index_interval_bytes
        segments = [folder.new_segment(opening.log_start_offset, opening.now_ms, interval)]
    log = PartitionLog(
        opening.topic,
        opening.partition,
        opening.topic_id,
        rules=opening.rules,
        folder=folder,
        segments=list(segments),
        epochs=_read_epochs(folder, segments, opening.epochs_seen),
        producers=state,
        log_start_offset=segments[0].base_offset,
    )
    log.notes = opening.notes
    for segment in segments:
        segment.verifier.epoch_of = log.epochs.epoch_of
    _remove_stray_snapshots(folder, segments)
    folder.forget_listing()
    if opening.log_start_offset > log.log_start_offset:
        if state.producers:  # What is known of them must not go with the segments.
            folder.write_snapshot(log.end_offset, state.producers)
        log.advance_log_start(opening.log_start_offset)
    if opening.recovery_point is not None and not opening.sync_later:
        folder.sync(log.begin_commit())
    return log


def settle_names(folder: FileFolder) -> None:
    """Finish or undo what a crash, ours or Kafka's, interrupted."""
    files, path = folder.files, folder.path
    found = folder.listing()
    if not any(name.endswith((names.DELETED, names.CLEANED, names.SWAP)) for name in found):
        return
    folder.forget_listing()
    items = [(item, name) for name in found if (item := names.parse_offset_file(name)) is not None]
    cleaned = [base for (base, suffix), _ in items if suffix.endswith(names.CLEANED)]
    # Not all of a set had got its name: those that have are no use.
    incomplete = min(cleaned, default=1 << 63)
    swaps = [(base, suffix, name) for (base, suffix), name in items if suffix.endswith(names.SWAP)]
    useless = [name for base, _, name in swaps if base >= incomplete]
    for name in useless:
        files.unlink(f"{path}/{name}")
    if useless:
        files.sync_directory(path)  # While a .cleaned tells that they are.
    for name in found:
        if name.endswith((names.DELETED, names.CLEANED)):
            files.unlink(f"{path}/{name}")
    left = [item for item in swaps if item[0] < incomplete]
    for base, suffix, name in left:
        if suffix == names.LOG + names.SWAP:
            _swap_in(folder, base, name)
    for base, suffix, name in left:
        if suffix != names.LOG + names.SWAP and files.exists(f"{path}/{name}"):
            _name_index(folder, base, name)


def _swap_in(folder: FileFolder, base_offset: int, name: str) -> None:
    """Put a compacted segment in the place of those whose offsets it covers.

    The .log gets its name first: indexes that still lack theirs belong to it then.
    """
    files, path = folder.files, folder.path
    swapped = folder.segment(base_offset, 0, 4096)
    swapped.file = files.open(f"{path}/{name}")
    swapped.size = swapped.file.size()
    end = max((batch.header.next_offset for batch in swapped.scan()), default=base_offset + 1)
    swapped.close()
    for other in files.listdir(path):
        item = names.parse_offset_file(other)
        if item is not None and base_offset <= item[0] < end and item[1] in names.SEGMENT_FILES:
            files.unlink(f"{path}/{other}")
    files.sync_directory(path)
    files.rename(f"{path}/{name}", f"{path}/{name.removesuffix(names.SWAP)}")
    for other in files.listdir(path):
        item = names.parse_offset_file(other)
        if item is not None and item[0] == base_offset and item[1].endswith(names.SWAP):
            files.rename(f"{path}/{other}", f"{path}/{other.removesuffix(names.SWAP)}")
    files.sync_directory(path)


def _name_index(folder: FileFolder, base_offset: int, name: str) -> None:
    """Give the index of a compacted segment its name, as the .log has its own already."""
    files, path = folder.files, folder.path
    if files.exists(f"{path}/{names.offset_file(base_offset, names.LOG)}"):
        files.rename(f"{path}/{name}", f"{path}/{name.removesuffix(names.SWAP)}")
    else:
        files.unlink(f"{path}/{name}")


def _find_segments(folder: FileFolder, opening: Opening) -> list[FileSegment]:
    """Return the segments there are, all but the last open; a new one if there are none."""
    interval = opening.rules.index_interval_bytes
    bases = names.offsets_of(folder.listing(), names.LOG)
    while len(bases) > 1 and bases[1] <= opening.log_start_offset:
        is_last = len(bases) == 2 or bases[2] > opening.log_start_offset
        if (
            is_last
            and opening.recovery_point is not None
            and _leads_to(folder, opening, *bases[:2])
        ):
            break  # The snapshot after it may be no good: it goes when producers are noted anew.
        # Deleted, and brought back by a crash, maybe not all of what was between.
        folder.discard([folder.segment(bases.pop(0), opening.now_ms, interval)], bases[0])
    if not bases:
        return [folder.new_segment(opening.log_start_offset, opening.now_ms, interval)]
    segments = [folder.segment(base, opening.now_ms, interval) for base in bases]
    for segment, following in zip(segments, bases[1:], strict=False):
        segment.open_sealed(following)
    return segments


def _leads_to(folder: FileFolder, opening: Opening, base: int, following: int) -> bool:
    """Whether a segment that should be gone is sound, and ends where the next one begins."""
    segment = folder.segment(base, opening.now_ms, opening.rules.index_interval_bytes)
    end = base
    try:
        for batch in segment.scan_file(segment.file.size(), Bounds(base, following)):
            end = batch.header.next_offset
    except BadBatch:
        return False
    finally:
        segment.close()
    return end == following


def replay_producers(folder: Folder, segments: list[Segment], now_ms: int) -> ProducerState:
    """Return the state of producers at the end: the last snapshot, and what came after it.

    May block. Errors: BadBatch.
    """
    state = ProducerState()
    offset = segments[0].base_offset
    snapshot = folder.latest_snapshot(segments[-1].next_offset)
    if snapshot is not None:
        offset = max(offset, snapshot[0])
        state.restore(snapshot[1])
    for segment in segments:
        if segment.next_offset <= offset:
            continue
        position = segment.locate(offset)
        while isinstance(position, Need):
            segment.load(position)
            position = segment.locate(offset)
        for batch in segment.scan(position):
            state.note(batch.header, batch.content, now_ms)
    return state


def _recover(
    folder: FileFolder, segments: list[FileSegment], opening: Opening, recovery_point: int
) -> ProducerState:
    """Check the batches from the recovery point's segment on, and end the log after the good ones.

    Errors: BadBatch below the recovery point.
    """
    first = len(segments) - 1
    # Where a segment begins at the recovery point, the indexes of the one before may not be there.
    while first and segments[first].base_offset >= recovery_point:
        first -= 1
    sound = list[Segment](segments[:first])
    folder.remove_snapshots(
        [offset for offset in folder.snapshots() if offset > segments[first].base_offset]
    )
    if sound:
        state = replay_producers(folder, sound, opening.now_ms)
    else:
        state = _snapshot_at(folder, segments[first].base_offset)
    total = sum(segment.file.size() for segment in segments[first:])
    done = 0
    for number in range(first, len(segments)):
        segment = segments[number]
        following = segments[number + 1 : number + 2]
        bounds = _bounds(segment, following, opening)
        bad = _rescan(segment, bounds, state, opening, (done, total))
        done += segment.size
        if bad is None and following:
            bad = _gap(segment, following[0], opening, recovery_point)
        if bad is None:
            if following:
                segment.seal()
                folder.note_unsynced(segment.paths()[1:])
            continue
        if segment.next_offset < recovery_point:
            raise bad
        _cut(folder, segments, number, bad, opening)
        break
    folder.note_unsynced([segment.file.path for segment in segments[first:]])
    return state


def _gap(
    segment: FileSegment, later: FileSegment, opening: Opening, recovery_point: int
) -> BadBatch | None:
    """Return the damage that a gap between two segments is, if there is one.

    Gaps that compaction leaves, Kafka's above all, are below the recovery point, or below what is
    noted as compacted; above both something was lost.
    """
    if segment.next_offset >= later.base_offset:
        return None
    is_old = segment.next_offset < recovery_point or later.base_offset <= opening.cleaned_to
    if is_old and (opening.rules.compacted or opening.cleaned_to):
        return None
    return BadBatch(segment.size, f"next segment begins at {later.base_offset}")


def _snapshot_at(folder: FileFolder, offset: int) -> ProducerState:
    state = ProducerState()
    snapshot = folder.latest_snapshot(offset)
    if snapshot is not None:
        state.restore(snapshot[1])
    return state


def _bounds(segment: FileSegment, following: list[FileSegment], opening: Opening) -> Bounds:
    may_have_gaps = opening.rules.compacted or bool(opening.cleaned_to)
    return Bounds(
        segment.base_offset,
        following[0].base_offset if following else 1 << 63,
        without_gaps=not (may_have_gaps or following),
    )


def _rescan(
    segment: FileSegment,
    bounds: Bounds,
    state: ProducerState,
    opening: Opening,
    progress: tuple[int, int],
) -> BadBatch | None:
    """Take in a segment's batches anew, as if appended; return the first that is bad."""
    done, total = progress
    size = segment.begin_rescan()
    reported = 0
    try:
        for batch in segment.scan_file(size, bounds):
            header = batch.header
            segment.note(header.size, header.last_offset, header.max_timestamp)
            if header.partition_leader_epoch >= 0:
                _see_epoch(opening.epochs_seen, header)
            aborted = state.note(header, batch.content, opening.now_ms)
            if aborted is not None:
                segment.aborted.append(aborted)
            if opening.progress is not None and segment.size - reported >= 1 << 20:
                reported = segment.size
                opening.progress(done + reported, total)
    except BadBatch as error:
        return error
    except KafkaError as error:
        return BadBatch(segment.size, str(error))
    return None


def _cut(
    folder: FileFolder, segments: list[FileSegment], number: int, bad: BadBatch, opening: Opening
) -> None:
    """End the log before a bad batch; the bytes after it go to side files."""
    files = folder.files
    segment = segments[number]
    for later in reversed(segments[number + 1 :]):
        later.close()
        torn = f"{folder.path}/{names.offset_file(later.base_offset, names.TORN)}"
        if later.file.size():
            files.rename(later.file.path, torn)
            opening.notes.append(f"{folder.path}: kept segment {later.base_offset} as {torn}")
        for path in later.paths():
            files.unlink(path)
    size = segment.file.size()
    if size > segment.size:
        side = f"{folder.path}/{names.offset_file(segment.next_offset, names.TORN)}"
        files.write_file(side, segment.file.read(segment.size, size - segment.size), sync=True)
        files.sync_directory(folder.path)
        opening.notes.append(
            f"{folder.path}: cut {size - segment.size} bytes after offset "
            f"{segment.next_offset - 1} ({bad}), kept as {side}"
        )
        segment.file.truncate(segment.size)
    del segments[number + 1 :]


def _see_epoch(seen: list[EpochStart], header: BatchHeader) -> None:
    if not seen or header.partition_leader_epoch > seen[-1].epoch:
        seen.append(EpochStart(header.partition_leader_epoch, header.base_offset))


def _read_epochs(
    folder: FileFolder, segments: list[FileSegment], seen: list[EpochStart]
) -> LeaderEpochs:
    """Read the leader epochs, and add those that the recovered batches know of.

    Without the file, or where anything in it is wrong, the batches are asked.
    """
    content = folder.files.read_file(f"{folder.path}/{names.LEADER_EPOCH_CHECKPOINT}")
    epochs = decode_leader_epochs(content, segments[-1].next_offset)
    if not epochs.starts:
        for segment, following in zip(segments, [*segments[1:], None], strict=True):
            _ask_for_epochs(epochs, segment, following)
    for epoch, start_offset in seen:
        epochs.assign(epoch, start_offset)
    return epochs


def _first_epoch(segment: FileSegment | None) -> int:
    if segment is None or segment.size < HEADER_SIZE:
        return -1
    return read_header(segment.file.read(0, HEADER_SIZE)).partition_leader_epoch


def _ask_for_epochs(
    epochs: LeaderEpochs, segment: FileSegment, following: FileSegment | None
) -> None:
    """Add the epochs that a segment's batches were written in; where one is enough, it must do."""
    first = _first_epoch(segment)
    if 0 <= first == _first_epoch(following):
        epochs.assign(first, segment.base_offset)
        return
    try:
        for batch in segment.scan(verify=True):
            epochs.assign(batch.header.partition_leader_epoch, batch.header.base_offset)
    except BadBatch:
        pass  # Whoever reads there finds out.


def _remove_stray_snapshots(folder: FileFolder, segments: list[FileSegment]) -> None:
    """Remove snapshots at no segment's base, but the last, and those above the log's end."""
    bases = {segment.base_offset for segment in segments}
    end_offset = segments[-1].next_offset
    snapshots = folder.snapshots()
    usable = [offset for offset in snapshots if offset <= end_offset]
    kept = bases | set(usable[-1:])
    folder.remove_snapshots([offset for offset in snapshots if offset not in kept])

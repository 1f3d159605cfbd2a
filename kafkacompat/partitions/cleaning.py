"""Compacts the partitions of topics that ask for it, the dirtiest first.

What takes long is done by another process; what it has made takes the place of the old segments in
one turn of the loop. A log in memory is compacted on the loop, some milliseconds at a time. What
fails is tried again, but for a partition with a batch that cannot be read, which is noted.
"""

import contextlib
import logging
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from kafkacompat.config import keys
from kafkacompat.partitions.cleaning_process import CleaningProcess
from kafkacompat.partitions.partition import Partition
from kafkacompat.partitions.slices import Slices
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_storage.compaction.choice import Dirt, Range, Rules, SegmentFacts
from kafkacompat_storage.compaction.lines import Ended, Order
from kafkacompat_storage.compaction.looking import Look, may_be_dirty
from kafkacompat_storage.compaction.memory_place import MemoryPlace
from kafkacompat_storage.compaction.settling import Settling
from kafkacompat_storage.compaction.swapping import Swap
from kafkacompat_storage.compaction.work import Cleaned, Mapped, Progress, Task, compact
from kafkacompat_storage.folder import FileFolder
from kafkacompat_storage.names import TopicPartition

if TYPE_CHECKING:
    from kafkacompat.broker import Node

log = logging.getLogger("kafkacompat.compaction")

MOST_TRIES: Final = 3
"""Times that the process may die over one partition."""
UNLIMITED: Final = 1e15
"""Bytes in a second above which nothing is throttled."""


class Unfinished(Exception):
    """A pass came to nothing, as things have changed: the next one may do better."""


class Failed(Unfinished):
    """A pass failed, as its process says or has shown by dying."""

    def __init__(self, ended: Ended) -> None:
        super().__init__(ended.error)
        self.is_bad = ended.is_bad
        self.has_died = ended.has_died


class Found(NamedTuple):
    """A partition, and what there is to compact."""

    partition: Partition
    look: Look
    rules: Rules
    facts: list[SegmentFacts]
    span: Range
    dirt: Dirt

    @property
    def place(self) -> TopicPartition:
        return TopicPartition(self.partition.topic, self.partition.index)


class Cleaning:
    """The compaction of one node."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._lanes = 0
        self._at_work: set[TopicPartition] = set()
        self.swapping: set[TopicPartition] = set()
        """Partitions whose files are changing their names: nobody may copy them now."""
        self.uncleanable: dict[TopicPartition, tuple[bytes, str]] = {}
        """Partitions that are not tried again, with their topics' ids, and why."""
        self._tries: dict[TopicPartition, int] = {}
        self._looked_at: dict[TopicPartition, bytes] = {}
        """Partitions that are not open and were looked at, with their topics' ids."""

    # --- again and again

    def begin(self) -> None:
        """Do what there is to do, in as many lanes as there may be."""
        get = self._node.config.get
        if get(keys.LOG_CLEANER_ENABLE) and self._lanes < get(keys.LOG_CLEANER_THREADS):
            self._lanes += 1
            self._node.spawn(self._lane())

    async def _lane(self) -> None:
        """Compact what is due, one after the other, with one process, which then ends."""
        process = CleaningProcess(self._node.in_thread)
        try:
            while (found := await self._dirtiest()) is not None:
                if not await self._try(found, process):
                    return
        except Exception:
            log.exception("Compaction failed")
        finally:
            process.close()
            self._lanes -= 1

    async def _dirtiest(self) -> Found | None:
        """Return the partition that is compacted next, and mark it as being at work."""
        await self._open_what_is_dirty()
        slices = Slices(self._node)
        due: list[Found] = []
        for partition in self._candidates():
            await slices.pause_if_due()
            found = await self._look(partition)
            if found is not None and found.dirt.is_due(found.rules):
                due.append(found)
        due = [found for found in due if found.place not in self._at_work]
        if not due or self._node.is_stopping:
            return None
        return max(due, key=lambda found: found.dirt.ratio)

    async def _open_what_is_dirty(self) -> None:
        """Open partitions that nobody has used since the start, if there is something to compact.

        Each is looked at once: who writes to it opens it.
        """
        node = self._node
        slices = Slices(node)
        closed: list[tuple[TopicPartition, str, int | None]] = []
        for name, topic in list(node.image.topics.items()):
            await slices.pause_if_due()
            if "compact" not in node.partitions.topic_config(name).get(keys.CLEANUP_POLICY):
                continue
            for index in topic.partitions:
                place = TopicPartition(name, index)
                is_open = node.partitions.if_open(*place) is not None
                if not is_open and self._looked_at.get(place) != topic.topic_id:
                    self._looked_at[place] = topic.topic_id
                    folder = node.store.folder_of(*place)
                    closed.append((place, folder, node.store.cleaned_to(*place)))
        if not closed:
            return
        found = await node.in_thread(lambda: [_may_be_dirty(node, *each[1:]) for each in closed])
        for (place, _, _), is_dirty in zip(closed, found, strict=True):
            if is_dirty:
                await node.give_way()
                with contextlib.suppress(KafkaError):  # That is said where it is tried first.
                    node.partitions.find(*place)

    def _candidates(self) -> Iterator[Partition]:
        for partition in self._node.partitions.opened():
            is_wanted = partition.log.rules.compacted and len(partition.log.segments) > 1
            if is_wanted and self._may_be_compacted(partition):
                yield partition

    def _may_be_compacted(self, partition: Partition) -> bool:
        place = TopicPartition(partition.topic, partition.index)
        known = self.uncleanable.get(place)
        if known is not None and known[0] != partition.topic_id:
            del self.uncleanable[place]
            known = None
        is_moving = place in self._node.store.moves.under_way
        is_sound = partition.log.fault is None and partition.log.refusal is None
        return known is None and place not in self._at_work and is_sound and not is_moving

    async def _look(self, partition: Partition, *, force: bool = False) -> Found | None:
        node = self._node
        config = node.partitions.topic_config(partition.topic)
        rules = Rules(
            config.get(keys.MIN_CLEANABLE_DIRTY_RATIO),
            config.get(keys.MIN_COMPACTION_LAG_MS),
            config.get(keys.MAX_COMPACTION_LAG_MS),
            config.get(keys.DELETE_RETENTION_MS),
            config.get(keys.SEGMENT_BYTES),
            config.get(keys.SEGMENT_INDEX_BYTES),
        )
        look = Look(partition.log, node.store.cleaned_to(partition.topic, partition.index))
        if not look.sealed or not (look.has_dirt or force):
            return None
        try:
            if rules.min_lag_ms or rules.has_max_lag:
                facts = await node.in_thread(partial(look.facts, rules))
            else:
                facts = look.facts(rules)
        except (OSError, KafkaError) as error:
            log.error("%s-%d: %s", partition.topic, partition.index, error)
            return None
        span, dirt = look.judge(facts, rules, node.clock.wall_ms())
        return Found(partition, look, rules, facts, span, dirt)

    # --- when asked to

    async def compact(self, topic: str, index: int, *, roll: bool = True) -> None:
        """Compact a partition now, and return when that is done.

        With `roll` all that is durable is compacted, as a new segment is begun first.

        Errors: those of `Partitions.find`; Unfinished.
        """
        node = self._node
        partition = node.partitions.find(topic, index)
        place = TopicPartition(topic, index)
        while place in self._at_work:
            await node.sleep(1)
        if roll and partition.log.high_watermark == partition.log.end_offset:
            partition.log.roll(node.clock.wall_ms())
        process = CleaningProcess(node.in_thread)
        try:
            found = await self._look(partition, force=True)
            while found is not None:
                if not self._may_be_compacted(partition):
                    raise Unfinished("it cannot be compacted now")
                end = await self._clean(found, process)
                found = await self._look(partition)
                if found is not None and found.span.first_uncleanable <= end:
                    return
        finally:
            process.close()

    async def compact_all(self) -> None:
        """Compact all partitions of topics that are compacted. Errors: as `compact`."""
        for topic, state in list(self._node.image.topics.items()):
            policy = self._node.partitions.topic_config(topic).get(keys.CLEANUP_POLICY)
            if "compact" in policy:
                for index in list(state.partitions):
                    await self.compact(topic, index)

    # --- one pass

    async def _try(self, found: Found, process: CleaningProcess) -> bool:
        """Do a pass; return whether to go on with others at once."""
        place = found.place
        try:
            await self._clean(found, process)
        except (Unfinished, OSError, KafkaError) as error:
            if found.partition.log.fault is not None:
                return True  # It was deleted meanwhile, or is closed.
            if isinstance(error, Failed):
                self._tries[place] = self._tries.get(place, 0) + error.has_died
                if error.is_bad or self._tries[place] >= MOST_TRIES:
                    self.uncleanable[place] = (found.partition.topic_id, str(error))
                    log.error("%s-%d is not compacted any more: %s", *place, error)
                    return True
            log.warning("Could not compact %s-%d, and will try again: %s", *place, error)
            return False
        self._tries.pop(place, None)
        return True

    async def _clean(self, found: Found, process: CleaningProcess) -> int:
        """Do a pass; return the offset up to which the log is compacted.

        Errors: Unfinished, OSError, KafkaError.
        """
        node, place = self._node, found.place
        self._at_work.add(place)
        try:
            passing = Pass(self, node, found)
            end = await passing.run(process)
            if found.partition.log.fault is None:
                node.store.note_cleaned(*place, end)
                await node.in_thread(node.store.prepare_checkpoint_of(*place))
            node.upkeep.sweep_soon()
            return end
        finally:
            self._at_work.discard(place)


def _may_be_dirty(node: "Node", folder: str, cleaned: int | None) -> bool:
    if node.store.opens_at_once:
        return True
    try:
        return may_be_dirty(node.store.files, folder, cleaned)
    except OSError:
        return False


class Pass:
    """One pass over a partition."""

    def __init__(self, cleaning: Cleaning, node: "Node", found: Found) -> None:
        self._cleaning = cleaning
        self._node = node
        self._found = found
        self._log = found.partition.log
        self._read = self._written = 0
        self._records = self._kept = 0
        self._old_bytes = self._new_bytes = 0
        self._end = found.span.first_dirty

    async def run(self, process: CleaningProcess) -> int:
        """Do it, and say so in the log; return up to where the log is compacted."""
        node, found = self._node, self._found
        get = node.config.get
        began_s = node.clock.seconds()
        threads = max(1, get(keys.LOG_CLEANER_THREADS))
        if isinstance(self._log.folder, FileFolder):
            found = await self._settled(found)
        found.look.remember()
        task: Task = await node.in_thread(
            partial(
                found.look.task,
                found.facts,
                found.span,
                found.rules,
                now_ms=node.clock.wall_ms(),
                memory_bytes=get(keys.LOG_CLEANER_DEDUPE_BUFFER) // threads,
                load_factor=get(keys.LOG_CLEANER_LOAD_FACTOR),
            )
        )
        log.info(
            "Compacting %s-%d: %d bytes, of which %d are new, offsets %d to %d",
            *found.place,
            found.dirt.clean_bytes + found.dirt.cleanable_bytes,
            found.dirt.cleanable_bytes,
            *found.span,
        )
        if isinstance(self._log.folder, FileFolder):
            rate = get(keys.LOG_CLEANER_BYTES_PER_SECOND)
            order = Order(
                task,
                self._log.folder.path,
                self._log.rules.index_interval_bytes,
                rate / threads if rate < UNLIMITED else None,
            )
            try:
                await self._by_process(process, order)
            except BaseException:
                process.close()  # Whatever it is doing is of no use.
                raise
        else:
            await self._in_memory(task)
        self._report(node.clock.seconds() - began_s)
        return self._end

    async def _settled(self, found: Found) -> Found:
        """Return what of it lies below the recovery point, once that is as high as can be."""
        settling = Settling(self._log)
        await self._node.in_thread(settling.sync)
        end = settling.note()
        facts = [segment for segment in found.facts if segment.next_offset <= end]
        first, last = found.span
        if not facts:
            raise Unfinished("nothing of it is durable with all that follows from it")
        return found._replace(facts=facts, span=Range(first, max(first, min(last, end))))

    def _report(self, seconds: float) -> None:
        saved = 100 * (1 - self._new_bytes / self._old_bytes) if self._old_bytes else 0.0
        log.info(
            "Compacted %s-%d to offset %d: %d of %d records and %d of %d bytes are left"
            " (%.1f%% smaller); read %d bytes and wrote %d in %.1f s",
            *self._found.place,
            self._end,
            self._kept,
            self._records,
            self._new_bytes,
            self._old_bytes,
            saved,
            self._read,
            self._written,
            seconds,
        )

    async def _by_process(self, process: CleaningProcess, order: Order) -> None:
        is_checkpointed = False
        async for step in process.run(order):
            if isinstance(step, Progress):
                self._count(step)
            elif isinstance(step, Mapped):
                self._note_mapped(step)
            elif isinstance(step, Ended):
                if step.error:
                    raise Failed(step)
            else:
                if not is_checkpointed:
                    # Recovery must not begin where retries of batches are not known any more.
                    place = self._found.place
                    await self._node.in_thread(self._node.store.prepare_checkpoint_of(*place))
                    is_checkpointed = True
                await self._swap(order, step)

    def _count(self, step: Progress) -> None:
        self._read += step.read_bytes
        self._written += step.written_bytes

    def _note_mapped(self, step: Mapped) -> None:
        self._end = step.end
        log.info("%s-%d has %d keys before offset %d", *self._found.place, step.keys, step.end)

    async def _swap(self, order: Order, step: Cleaned) -> None:
        """Have what was made of some segments take their place."""
        node, found, place = self._node, self._found, self._found.place
        old = [found.look.sealed[number] for number in step.numbers]
        folder = self._log.folder
        assert isinstance(folder, FileFolder)
        if place in node.store.moves.under_way or folder.path != order.folder:
            raise Unfinished("it is being moved to another directory")
        if self._log.fault is not None or self._log.refusal is not None:
            raise Unfinished("the log takes no changes")
        swap = Swap(self._log, old, step.size, order.index_interval)
        self._cleaning.swapping.add(place)
        try:
            await node.in_thread(swap.prepare)
            if not swap.take_place():
                await node.in_thread(swap.give_up)
                raise Unfinished("segments were deleted meanwhile")
            await node.in_thread(swap.finish)
        finally:
            self._cleaning.swapping.discard(place)
        self._note(step, sum(segment.size for segment in old))
        log.info("%s-%d: %d segments are one of %d bytes", *place, len(old), step.size)

    def _note(self, step: Cleaned, old_bytes: int) -> None:
        self._records += step.records
        self._kept += step.kept
        self._old_bytes += old_bytes
        self._new_bytes += step.size

    async def _in_memory(self, task: Task) -> None:
        place = MemoryPlace(self._found.look.sealed)
        slices = Slices(self._node)
        steps = compact(task, place)
        while True:
            if place.is_slow:  # Codecs let others go on meanwhile.
                step = await self._node.in_thread(lambda: next(steps, None))
            else:
                await slices.pause_if_due()
                step = next(steps, None)
            if step is None:
                return
            if isinstance(step, Progress):
                self._count(step)
            elif isinstance(step, Mapped):
                self._note_mapped(step)
            else:
                old = [self._found.look.sealed[number] for number in step.numbers]
                place.made.next_offset = old[-1].next_offset
                if not self._log.replace_segments(old, place.made):
                    raise Unfinished("segments were deleted meanwhile")
                self._note(step, sum(segment.size for segment in old))

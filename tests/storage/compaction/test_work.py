"""Passes over whole logs, held against a model that knows every record that was written."""

import random
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_storage import names
from kafkacompat_storage.compaction.choice import Rules
from kafkacompat_storage.compaction.looking import Look
from kafkacompat_storage.compaction.offset_map import ENTRY_BYTES
from kafkacompat_storage.compaction.work import Cleaned, FilePlace, Mapped, Progress
from kafkacompat_storage.log import PartitionLog
from kafkacompat_storage.memory_files import MemoryFiles
from tests.support import batches as b
from tests.support.compaction import (
    DAY_MS,
    INTERVAL,
    RULES,
    committed,
    keyed,
    run_pass,
    steps_of,
    stored,
)

Seen = list[tuple[int, bytes | None, bytes | None]]
LONG = b"a key that is longer than a digest is, "


@dataclass
class Story:
    """What was written to a log."""

    log: PartitionLog
    records: Seen = field(default_factory=list)
    """Those that are neither aborted nor undecided."""
    open: dict[int, Seen] = field(default_factory=dict)
    """Of transactions that are not decided, by producer."""
    sequences: dict[int, int] = field(default_factory=dict)

    def write(
        self, records: list[tuple[bytes, bytes | None]], codec: int, producer: int, in_txn: bool
    ) -> None:
        """Write a batch; producers from 10 on write in transactions, 0 has no id."""
        sequence = self.sequences.get(producer, 0)
        content = keyed(
            *records,
            compression=codec,
            producer_id=producer or -1,
            epoch=0 if producer else -1,
            sequence=sequence if producer else -1,
            transactional=in_txn,
        )
        base = b.append(self.log, content)
        self.sequences[producer] = sequence + len(records)
        seen = [(base + at, key, value) for at, (key, value) in enumerate(records)]
        if in_txn:
            self.open.setdefault(producer, []).extend(seen)
        else:
            self.records += seen

    def end(self, producer: int, *, commit: bool) -> None:
        seen = self.open.pop(producer, None)
        if seen is None:
            return
        b.append(self.log, b.marker(producer, 0, commit=commit), own=True)
        self.records = sorted(self.records + (seen if commit else []))

    def expected(self, end: int, tombstones: bool = True) -> Seen:
        """What is left when the keys before `end` were looked at."""
        newest = {key: offset for offset, key, _ in self.records if offset < end}
        return [
            (offset, key, value)
            for offset, key, value in self.records
            if offset >= end or (newest[key] == offset and (tombstones or value is not None))
        ]


KEYS = [b"k%d" % number for number in range(6)] + [LONG + b"%d" % number for number in range(4)]
records = st.lists(
    st.tuples(st.sampled_from(KEYS), st.one_of(st.none(), st.binary(max_size=40))),
    min_size=1,
    max_size=6,
)
actions = st.one_of(
    st.tuples(
        st.just("write"), records, st.sampled_from([0, 0, 1, 2, 3, 4]), st.sampled_from([0, 1, 2])
    ),
    st.tuples(st.just("write"), records, st.sampled_from([0, 4]), st.sampled_from([10, 11])),
    st.tuples(st.just("commit"), st.sampled_from([10, 11])),
    st.tuples(st.just("abort"), st.sampled_from([10, 11])),
    st.tuples(st.just("pass"), st.integers(0, 3)),
    st.tuples(st.just("roll")),
)


def tell(story: Story, action: tuple, cleaned: int) -> int:
    """Do one thing; return up to where the log is compacted then."""
    kind, *what = action
    if kind == "write":
        story.write(what[0], what[1], what[2], what[2] >= 10)
    elif kind in ("commit", "abort"):
        story.end(what[0], commit=kind == "commit")
    elif kind == "roll":
        story.log.roll(b.NOW)
    else:
        memory = 1 << 20 if what[0] else 3 * ENTRY_BYTES
        return max(cleaned, run_pass(story.log, first_dirty=cleaned, memory_bytes=memory))
    return cleaned


@settings(max_examples=120, deadline=None)
@given(st.lists(actions, max_size=40), st.booleans())
def test_the_newest_value_of_every_key_stays_at_its_offset(told: list[tuple], on_disk: bool):
    files = MemoryFiles()
    limits = b.rules(segment_bytes=600)
    story = Story(b.new_log(files, with_rules=limits) if on_disk else b.memory_log(limits))
    cleaned = 0
    for action in told:
        cleaned = tell(story, action, cleaned)
    log = story.log
    log.roll(b.NOW)
    while True:
        before, cleaned = cleaned, run_pass(log, first_dirty=cleaned)
        if before == cleaned:
            break
    assert cleaned == log.last_stable_offset
    open_offsets = {offset for seen in story.open.values() for offset, _, _ in seen}
    found = [seen for seen in committed(log) if seen[0] not in open_offsets]
    assert found == story.expected(cleaned)
    for _ in range(3):  # Markers get a time to go once their data are gone; segments become one.
        run_pass(log, first_dirty=cleaned)
    whole = b.read_all(log)
    run_pass(log, first_dirty=cleaned)
    assert b.read_all(log) == whole, "another pass changes something"
    for start in range(0, log.high_watermark, 3):
        later = [seen for seen in committed(log, start) if seen[0] not in open_offsets]
        assert later == [seen for seen in found if seen[0] >= start]
    run_pass(log, first_dirty=cleaned, now_ms=b.NOW + DAY_MS)
    found = [seen for seen in committed(log) if seen[0] not in open_offsets]
    assert found == story.expected(cleaned, tombstones=False)
    if on_disk:
        check_reopened(story, files, limits)


def check_reopened(story: Story, files: MemoryFiles, limits: object) -> None:
    """Recover without any snapshot: producers go on where they were, nothing was lost."""
    log = story.log
    whole = b.read_all(log)
    for name in files.listdir("/d/t-0"):
        if name.endswith((names.SNAPSHOT, names.PRODUCERS)):
            files.unlink(f"/d/t-0/{name}")
    again = b.new_log(files, with_rules=log.rules, recovery_point=0)
    assert b.read_all(again) == whole
    assert again.end_offset == log.end_offset
    assert again.producers.open_transactions == log.producers.open_transactions
    for producer, known in log.producers.producers.items():
        there = again.producers.producers[producer]
        assert there.epoch == known.epoch
        assert there.window[-1].last_sequence == known.window[-1].last_sequence
    assert committed(again) == committed(log)


def filled(files: MemoryFiles | None = None, count: int = 200) -> Story:
    chance = random.Random(1)
    story = Story(b.new_log(files))
    for _ in range(count):
        story.write([(b"k%d" % chance.randrange(9), b"v" * 30)], 0, 1, False)
    story.log.roll(b.NOW)
    return story


def test_memory_for_few_keys_takes_several_passes():
    story = filled()
    ends = [0]
    while ends[-1] < story.log.end_offset:
        ends.append(run_pass(story.log, first_dirty=ends[-1], memory_bytes=4 * ENTRY_BYTES))
    assert len(ends) > 5
    assert ends == sorted(set(ends))
    assert committed(story.log) == story.expected(ends[-1])


def test_segments_become_one_as_far_as_they_fit():
    story = filled()
    before = len(story.log.segments)
    run_pass(story.log)
    run_pass(story.log, first_dirty=story.log.end_offset)
    assert before > 10
    assert [segment.base_offset for segment in story.log.segments] == [0, 160, 200]
    assert story.log.segments[0].size < 1000
    assert story.log.size_bytes == sum(segment.size for segment in story.log.segments)


def test_no_offsets_are_missing_between_segments():
    story = filled()
    run_pass(story.log)
    for segment, following in pairwise(story.log.segments):
        last = list(segment.scan())[-1].header
        assert last.next_offset == following.base_offset == segment.next_offset


def test_nothing_that_is_not_durable_is_touched():
    story = filled(count=0)
    log = story.log
    for _ in range(40):
        b.append_unseen(log, keyed((b"k", b"v" * 30)))
    log.roll(b.NOW)
    assert Look(log, None).sealed == []
    assert run_pass(log) == 0


def test_records_without_a_key_go():
    log = b.new_log()
    b.append(log, keyed((None, b"1"), (b"k", b"2"), (None, b"3")))
    b.append(log, keyed((None, b"4")))
    log.roll(b.NOW)
    assert run_pass(log) == 4
    assert committed(log) == [(1, b"k", b"2")]
    assert [header.next_offset for header, _ in stored(log)] == [3, 4]


def test_a_batch_of_which_everything_stays_is_not_touched():
    log = b.new_log()
    content = keyed((b"a", b"1"), (b"b", b"2"), compression=4)
    b.append(log, content)
    b.append(log, keyed((b"c", b"3")))
    log.roll(b.NOW)
    before = [content for _, content in stored(log)]
    run_pass(log)
    assert [content for _, content in stored(log)] == before


def test_what_cannot_be_read_stops_the_pass_and_stays():
    files = MemoryFiles()
    story = filled(files)
    whole = b.read_all(story.log)
    path = story.log.segments[1].paths()[0]
    files.content(path)[70] ^= 1
    with pytest.raises(KafkaError, match="CRC does not match") as raised:
        run_pass(story.log)
    assert raised.value.code == ErrorCode.CORRUPT_MESSAGE
    files.content(path)[70] ^= 1
    assert b.read_all(story.log) == whole


def test_steps_tell_how_much_was_read_and_written():
    files = MemoryFiles()
    story = filled(files)
    place = FilePlace(files, "/d/t-0", INTERVAL)
    steps = list(steps_of(story.log, place, Look(story.log, None)))
    size = sum(segment.size for segment in story.log.segments)
    assert sum(step.read_bytes for step in steps if isinstance(step, Progress)) == 2 * size
    assert [step for step in steps if isinstance(step, Mapped)] == [Mapped(200, 9)]
    made = [step for step in steps if isinstance(step, Cleaned)]
    assert sum(step.records for step in made) == 200
    written = sum(step.written_bytes for step in steps if isinstance(step, Progress))
    assert written == sum(step.size for step in made)


def test_what_a_pass_left_behind_goes_with_the_next():
    files = MemoryFiles()
    filled(files)
    files.write_file("/d/t-0/00000000000000000007.log.cleaned", b"half", sync=False)
    FilePlace(files, "/d/t-0", INTERVAL)
    assert not [name for name in files.listdir("/d/t-0") if name.endswith(names.CLEANED)]


def test_a_segment_beyond_the_largest_is_not_made():
    story = filled()
    small = Rules(*RULES[:4], 1, RULES.segment_index_bytes)
    before = len(story.log.segments)
    run_pass(story.log, rules=small)
    assert len(story.log.segments) == before

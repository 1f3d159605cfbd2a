"""Flip the bits of a store's files, one at a time; `make flips` flips them all.

    python -m tests.crash.flips [--every N] [--seed N] [--kind log]

After a clean stop and after a crash, and with any bit of any file wrong: nothing is served that
was not written, at its own offset; nothing that was acknowledged is lost without a word (a
partition may be quarantined, a batch be refused as corrupt, bytes be cut off and kept); questions
about timestamps, epochs and aborted transactions are answered as before or refused; and nothing
but a KafkaError or a StoreError is raised.
"""

import argparse
import os
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import read_batches
from kafkacompat_storage import names
from kafkacompat_storage.disk_store import DiskStore
from kafkacompat_storage.identity import StoreError
from kafkacompat_storage.log import AppendRules, PartitionLog, Read
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.queries import find_aborted, find_timestamp
from kafkacompat_storage.syncing import Syncer
from tests.support import batches as b

DATA: Final = "/d/data"
FOLDER: Final = f"{DATA}/t-0"
TOPIC_ID: Final = b"topic-id" * 2
LOG_BYTES: Final = 64 << 10
RULES: Final = AppendRules(segment_bytes=LOG_BYTES + 600, index_interval_bytes=2048)
REFUSED: Final = (ErrorCode.CORRUPT_MESSAGE, ErrorCode.KAFKA_STORAGE_ERROR)


class Wrong(AssertionError):
    """A flipped bit did harm."""


def opened(files: MemoryFiles) -> DiskStore:
    return DiskStore(files, [DATA], node_id=1, now_ms=b.NOW)


def log_of(store: DiskStore) -> PartitionLog:
    return store.open("t", 0, TOPIC_ID, RULES, leader_epoch=3)


@dataclass
class Original:
    """What was written, and the answers to some questions."""

    content: bytes = b""
    end: int = 0
    log_start: int = 0
    batches: list[tuple[int, int, int, int]] = field(default_factory=list)
    """(base offset, next offset, position in its file, size) of each."""
    timestamps: dict[int, Any] = field(default_factory=dict)
    aborted: list[tuple[int, int]] = field(default_factory=list)
    epochs: dict[int, tuple[int, int]] = field(default_factory=dict)


class Subject:
    """A directory of one partition: a segment of 64 KiB, and another, as `state` left it."""

    def __init__(self, state: str) -> None:
        self.state = state
        files = MemoryFiles()
        files.mkdir("/d")
        store = opened(files)
        self.chance = random.Random(1)
        self.sequence = 0
        log = log_of(store)
        while len(log.segments) == 1:
            self._some_more(log, 1 if log.end_offset < 100 else 2)
        self._some_more(log, 3)
        log.advance_log_start(4)
        store.checkpoint()
        self._some_more(log, 3)
        self.original = ask(log)
        store.close(clean=state == "clean")
        self.files = {path: bytes(kept) for path, kept in files.contents.items()}
        self.folders = set(files.folders)

    def _some_more(self, log: PartitionLog, epoch: int) -> None:
        """Plain, idempotent and transactional batches, the last ones aborted."""
        for producer_id in (7, 40 + self.sequence % 3):
            transactional = producer_id >= 40
            content = b.batch(
                self.chance.randbytes(self.chance.randint(300, 1500)),
                b"second",
                timestamp=b.NOW + 10 * log.end_offset,
                producer_id=producer_id,
                epoch=0 if not transactional else self.sequence,
                sequence=0 if transactional else 2 * self.sequence,
                transactional=transactional,
            )
            self._append(log, content, epoch)
        marker = b.marker(40 + self.sequence % 3, self.sequence, commit=self.sequence % 2 == 0)
        self._append(log, marker, epoch, own=True)
        self.sequence += 1
        pending = log.begin_commit()
        assert not Syncer().sync([pending])
        log.end_commit(pending)

    @staticmethod
    def _append(log: PartitionLog, content: bytearray, epoch: int, *, own: bool = False) -> None:
        b.write(log, memoryview(content), now_ms=b.NOW, leader_epoch=epoch, from_client=not own)

    def kinds(self) -> dict[str, str]:
        """Return the files there are, by what they are."""
        found = {}
        for path in self.files:
            name = path.rpartition("/")[2]
            item = names.parse_offset_file(name)
            if item is None:
                found[name] = path
            elif item[1] not in (names.LOG,) or item[0] == 0:
                found.setdefault(item[1], path)
            else:
                found["the last .log"] = path
        return {kind: path for kind, path in found.items() if self.files[path]}

    def flipped(self, path: str, bit: int) -> MemoryFiles:
        """Return the directory with one bit wrong."""
        contents = {each: bytearray(kept) for each, kept in self.files.items()}
        contents[path][bit // 8] ^= 1 << bit % 8
        return MemoryFiles(contents, set(self.folders))

    def near(self, path: str, bit: int) -> list[int]:
        """Return the offsets that a flip may have to do with."""
        if not path.endswith(names.LOG):
            return [self.original.log_start]
        first = int(path.rpartition("/")[2].removesuffix(names.LOG))
        found = [
            number
            for number, (base, _, position, size) in enumerate(self.original.batches)
            if base >= first and position <= bit // 8 < position + size
        ][:1]
        around = range(found[0] - 1, found[0] + 2) if found else ()
        batches = self.original.batches
        return [batches[number][0] for number in around if 0 <= number < len(batches)]


def ask(log: PartitionLog) -> Original:
    """Read all of a log, and ask it some questions."""
    found = Original(b.read_all(log), log.end_offset, log.log_start_offset)
    for segment in log.segments:
        for stored in segment.scan():
            header = stored.header
            found.batches.append(
                (header.base_offset, header.next_offset, stored.position, header.size)
            )
    for timestamp in range(b.NOW, b.NOW + 10 * log.end_offset, 130):
        found.timestamps[timestamp] = find_timestamp(log, timestamp)
    found.aborted = find_aborted(log, log.log_start_offset, log.end_offset)
    found.epochs = {epoch: log.epoch_end_offset(epoch) for epoch in (1, 2, 3)}
    return found


class Trial:
    """One flipped bit."""

    def __init__(self, subject: Subject, path: str, bit: int) -> None:
        self.subject = subject
        self.path = path
        self.bit = bit
        self.original = subject.original
        self.position_of = {base: at for at, base in self._places()}
        self.notes: list[str] = []
        self.refusals = 0

    def _places(self) -> Iterator[tuple[int, int]]:
        at = 0
        for base, following, _, size in self.original.batches:
            if following > self.original.log_start:
                yield at, base
                at += size

    def run(self) -> str:
        """Open it and look; return what became of it. Errors: Wrong, and whatever is raised."""
        files = self.subject.flipped(self.path, self.bit)
        try:
            store = opened(files)
        except StoreError:
            return "refused to start"
        self.notes = store.recover(is_compacted=lambda topic: False)
        try:
            log = log_of(store)
        except KafkaError as error:
            self._must_be_refused(error)
            store.close(clean=False)
            return "quarantined"
        self.notes += log.notes
        self._look_at(log)
        store.close(clean=True)
        return "corrupt" if self.refusals else "cut" if self.notes else "as before"

    def _must_be_refused(self, error: KafkaError) -> None:
        self.refusals += 1
        if error.code not in REFUSED:
            raise Wrong(f"refused with {error.code.name}: {error}") from error

    def _look_at(self, log: PartitionLog) -> None:
        if log.high_watermark < self.original.end and not self.notes:
            raise Wrong(f"ends at {log.high_watermark}, not {self.original.end}, without a word")
        if log.end_offset > self.original.end:
            raise Wrong(f"ends at {log.end_offset}, not {self.original.end}")
        if log.log_start_offset > self.original.log_start:
            raise Wrong(f"begins at {log.log_start_offset}, not {self.original.log_start}")
        for offset in self.subject.near(self.path, self.bit):
            self._read(log, max(offset, log.log_start_offset), 100)
        offset = self.original.log_start
        while offset < log.high_watermark:
            offset = self._read(log, offset, 8000)
        self._ask(log)

    def _read(self, log: PartitionLog, offset: int, max_bytes: int) -> int:
        """Read from an offset and compare; return where to go on."""
        following = next(after for base, after, _, _ in self.original.batches if after > offset)
        if offset >= log.high_watermark:
            return following
        try:
            found = log.read(offset, max_bytes, up_to=log.high_watermark, at_least_one=True)
            while not isinstance(found, Read):
                found.load()
                found = log.read(offset, max_bytes, up_to=log.high_watermark, at_least_one=True)
        except KafkaError as error:
            self._must_be_refused(error)
            return following
        content = b"".join(found.buffers)
        if not content:
            raise Wrong(f"nothing to read at {offset}")
        base = next(base for base, after, _, _ in self.original.batches if after > offset)
        at = self.position_of.get(base)
        if at is not None and content != self.original.content[at : at + len(content)]:
            raise Wrong(f"something else was read at {offset}")
        return [header.next_offset for _, header in read_batches(content)][-1]

    def _ask(self, log: PartitionLog) -> None:
        if log.end_offset < self.original.end:
            return  # cut, and that was told
        questions: list[tuple[Callable[[], Any], Any]] = [
            (lambda: find_aborted(log, log.log_start_offset, log.end_offset), None)
        ]
        for timestamp, known in self.original.timestamps.items():
            questions.append((lambda at=timestamp: find_timestamp(log, at), known))
        for epoch, known in self.original.epochs.items():
            questions.append((lambda of=epoch: log.epoch_end_offset(of), known))
        for number, (question, known) in enumerate(questions):
            try:
                found = question()
            except KafkaError as error:
                self._must_be_refused(error)
                continue
            if number == 0:
                if not set(self.original.aborted) <= set(found):
                    raise Wrong(f"aborted are {found}, not {self.original.aborted}")
                surplus = {first for _, first in set(found) - set(self.original.aborted)}
                if any(first >= self.original.log_start for first in surplus):
                    raise Wrong(f"aborted are {found}, not {self.original.aborted}")
            elif found != known and self.original.log_start <= log.log_start_offset:
                raise Wrong(f"question {number}: {found}, not {known}")


def run(state: str, kind: str, bits: Iterable[int]) -> tuple[Counter[str], list[str]]:
    """Flip bits of one kind of file, one at a time; return what became of it, and what is wrong."""
    subject = Subject(state)
    path = subject.kinds()[kind]
    told: Counter[str] = Counter()
    wrong = []
    for bit in bits:
        try:
            told[Trial(subject, path, bit).run()] += 1
        except Exception as error:
            told["WRONG"] += 1
            text = "".join(traceback.format_exception(error)[-3:])
            wrong.append(f"{state}, {kind}, byte {bit // 8} bit {bit % 8}: {text}")
    return told, wrong


def jobs(kinds: set[str] | None, every: int, seed: int) -> Iterator[tuple[str, str, range]]:
    """Yield pieces of all that is to be flipped."""
    for state in ("clean", "crashed"):
        subject = Subject(state)
        for kind, path in subject.kinds().items():
            if kinds is not None and kind not in kinds:
                continue
            bits = 8 * len(subject.files[path])
            first = random.Random(seed).randrange(every)
            step = 4096 * every
            for start in range(first, bits, step):
                yield state, kind, range(start, min(start + step, bits), every)


def main() -> int:
    """Read the command line, flip, print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.flips")
    parser.add_argument("--every", type=int, default=1, help="flip every Nth bit only")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", action="append")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    began = time.monotonic()
    table: dict[tuple[str, str], Counter[str]] = {}
    wrong: list[str] = []
    with ProcessPoolExecutor(given.workers) as pool:
        kinds = set(given.kind) if given.kind else None
        running = [
            (state, kind, pool.submit(run, state, kind, bits))
            for state, kind, bits in jobs(kinds, given.every, given.seed)
        ]
        for state, kind, job in running:
            told, more = job.result()
            table.setdefault((state, kind), Counter()).update(told)
            wrong += more
    for (state, kind), told in table.items():
        parts = "  ".join(f"{what} {number}" for what, number in told.most_common())
        print(f"{state:<8} {kind:<34} {sum(told.values()):>7}  {parts}")
    total = sum(sum(told.values()) for told in table.values())
    seconds = time.monotonic() - began
    print(f"{total} bits in {seconds:.0f} s, {total / seconds:.0f}/s, {len(wrong)} did harm")
    for text in wrong[:20]:
        print(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

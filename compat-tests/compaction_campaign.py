"""Kill a broker while it compacts, and compare what is left with what was written, and with Kafka.

    make compaction [RECORDS=5000000] [KEYS=100000] [KILLS=20]

An idempotent producer fills a compacted topic, most of it before anything is compacted: a copy of
these files is kept. Then it goes on, while the broker compacts and is killed -9 whenever files of
a pass are there. In the end:

- each record that is there has the key and value that the producer has on its list for the offset;
- of every key the newest is there, and of what was compacted nothing else;
- kafka-dump-log.sh reads all segments, and Apache Kafka opens the folder and goes on from it;
- the copy, compacted by Apache Kafka and by us, holds the same (offset, key, value), byte for byte.
"""

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from broker_process import BrokerProcess, running_broker
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from kafkacompat_protocol.records.batch import HEADER_SIZE, read_header
from kafkacompat_protocol.records.record import iterate_records
from tests.support.toolchains import kafka_home_module

TOPIC = "keyed"
KAFKA = "4.3.1"
PADDING = b"." * 90
TOMBSTONE_EVERY = 97
DEADLINE_S = 300
PATIENCE_S = 3
KEEN = (
    *("--override", "log.cleaner.backoff.ms=10"),
    *("--override", "offsets.topic.num.partitions=1"),
)
IDLE = ("--override", "log.cleaner.enable=false")
PASS = re.compile(r"Compacted .* read (\d+) bytes and wrote (\d+) in ([\d.]+) s")
COMPLAINTS = re.compile(
    r"mismatch|isvalid: false|corrupt|invalid|out of order|unable|exception|failed|error", re.I
)
FIRST_SEGMENTS = re.compile(r"Non-consecutive|is followed by|^\s*$")
"""What it says of gaps, which compaction leaves, and of each segment's first offset."""


@dataclass(frozen=True)
class Plan:
    """How much of everything."""

    records: int = 5_000_000
    keys: int = 100_000
    kills: int = 20
    seed: int = 1

    @property
    def before(self) -> int:
        """Records that are written before anything is compacted."""
        return self.records * 4 // 5

    @property
    def segment_bytes(self) -> int:
        return max(1 << 20, min(4 << 20, self.records * 130 // 12))


class Found(NamedTuple):
    """A record of a file."""

    offset: int
    key: bytes | None
    value: bytes | None


@dataclass
class Seen:
    """What the campaign found out."""

    violations: list[str] = field(default_factory=list)
    kills: int = 0
    passes: list[tuple[int, int, float]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        print(line, flush=True)
        self.lines.append(line)

    def expect(self, is_so: bool, otherwise: str) -> None:
        if not is_so:
            self.violations.append(otherwise)


def key_of(number: int, keys: int) -> bytes:
    """Return the key of the record with this number: as good as random."""
    return b"key-%07d" % (zlib.crc32(number.to_bytes(8, "big")) % keys)


def value_of(number: int) -> bytes | None:
    return None if number % TOMBSTONE_EVERY == 0 else b"%d " % number + PADDING


class Writer:
    """An idempotent producer, and its list: the number of the record at each offset."""

    def __init__(self, bootstrap: str, plan: Plan) -> None:
        self.numbers = array("q")
        self.failed: list[str] = []
        self.port = int(bootstrap.rpartition(":")[2])
        self._plan = plan
        self._next = 0
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "linger.ms": 5,
                "batch.num.messages": 2000,
                "queue.buffering.max.messages": 200_000,
                "message.timeout.ms": DEADLINE_S * 1000,
                "reconnect.backoff.max.ms": 200,
                "log_level": 0,
            }
        )

    def write(self, up_to: int) -> None:
        """Produce the records before this number."""
        keys = self._plan.keys
        while self._next < up_to:
            number = self._next
            try:
                self._producer.produce(
                    TOPIC,
                    value_of(number),
                    key_of(number, keys),
                    on_delivery=lambda error, message, number=number: self._note(
                        error, message.offset(), number
                    ),
                )
            except BufferError:
                self._producer.poll(0.05)
                continue
            self._next += 1
            if number % 1000 == 0:
                self._producer.poll(0)

    def flush(self) -> None:
        if self._producer.flush(DEADLINE_S):
            self.failed.append("records were neither delivered nor refused")

    def _note(self, error: object, offset: int, number: int) -> None:
        if error is not None:
            self.failed.append(f"record {number}: {error}")
            return
        missing = offset + 1 - len(self.numbers)
        if missing > 0:
            self.numbers.extend([-1] * missing)
        if self.numbers[offset] != -1:
            self.failed.append(f"offset {offset} was given twice")
        self.numbers[offset] = number


def records_of(folder: Path) -> Iterator[Found]:
    """Yield all records of a partition's segments, read without any broker."""
    for path in sorted(folder.glob("*.log")):
        content = memoryview(path.read_bytes())
        at = 0
        while at + HEADER_SIZE <= len(content):
            header = read_header(content, at)
            batch = content[at : at + header.size]
            if not header.is_control:
                for record in iterate_records(batch):
                    yield Found(record.offset, record.key, record.value)
            at += header.size


def cleaned_to(data: Path) -> int:
    """Return what the cleaner's checkpoint says."""
    path = data / "cleaner-offset-checkpoint"
    text = path.read_text() if path.exists() else ""
    found = re.search(rf"^{TOPIC} 0 (\d+)\s*$", text, re.MULTILINE)
    return int(found[1]) if found else 0


def active_base(data: Path) -> int:
    """Return where the segment that is appended to begins."""
    return max(int(path.stem) for path in (data / f"{TOPIC}-0").glob("*.log"))


def wait_until_clean(data: Path) -> None:
    """Wait until all but the active segment is compacted."""
    deadline = time.monotonic() + DEADLINE_S
    while cleaned_to(data) < active_base(data):
        if time.monotonic() > deadline:
            raise TimeoutError(f"compacted to {cleaned_to(data)} of {active_base(data)} only")
        time.sleep(0.05)


def check_list(folder: Path, cleaned: int, writer: Writer, plan: Plan, seen: Seen) -> None:
    """Hold a partition's records against the producer's list."""
    newest: dict[bytes, int] = {}
    for offset in range(cleaned):
        newest[key_of(writer.numbers[offset], plan.keys)] = offset
    expected = set(newest.values())
    count = wrong = surplus = 0
    for record in records_of(folder):
        count += 1
        number = writer.numbers[record.offset]
        if (record.key, record.value) != (key_of(number, plan.keys), value_of(number)):
            wrong += 1
        if record.offset < cleaned:
            surplus += record.offset not in expected
            expected.discard(record.offset)
    tail = len(writer.numbers) - cleaned
    seen.expect(not wrong, f"{wrong} records differ from what was written at their offsets")
    seen.expect(not expected, f"of {len(expected)} keys the newest is gone")
    seen.expect(not surplus, f"{surplus} records are there that are not the newest")
    seen.expect(count == len(newest) + tail, f"{count} records, not {len(newest)} + {tail}")
    seen.say(
        f"  {count} records are left: the newest of {len(newest)} keys before offset {cleaned},"
        f" and {tail} after it"
    )


def dump(home: Path, folder: Path, seen: Seen) -> None:
    """Have Kafka's tool read every segment."""
    logs = ",".join(str(path) for path in sorted(folder.glob("*.log")))
    command = [str(home / "bin" / "kafka-dump-log.sh"), "--files", logs, "--deep-iteration"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    bad = [
        line
        for line in (done.stdout + done.stderr).splitlines()
        if COMPLAINTS.search(line) and not FIRST_SEGMENTS.search(line)
    ]
    seen.expect(done.returncode == 0 and not bad, f"kafka-dump-log.sh: {bad[:3]}")
    shown = done.stdout.count("| offset: ")
    seen.say(f"  kafka-dump-log.sh reads {shown} records in {logs.count(',') + 1} segments")


def fill(data: Path, plan: Plan) -> Writer:
    """Write most of the records; nothing is compacted."""
    with running_broker(data, *IDLE) as broker:
        config = {
            "cleanup.policy": "compact",
            "segment.bytes": str(plan.segment_bytes),
            "min.cleanable.dirty.ratio": "0.01",
        }
        admin = AdminClient({"bootstrap.servers": broker.bootstrap})
        admin.create_topics([NewTopic(TOPIC, 1, 1, config=config)])[TOPIC].result(10)
        writer = Writer(broker.bootstrap, plan)
        writer.write(plan.before)
        writer.flush()
    return writer


def kill_while_compacting(data: Path, writer: Writer, plan: Plan, seen: Seen) -> None:
    """Go on writing while the broker compacts and is killed."""
    chance = random.Random(plan.seed)
    folder = data / f"{TOPIC}-0"
    broker = BrokerProcess(data, port=writer.port, arguments=KEEN).start()
    done = threading.Event()

    def write_on() -> None:
        while not done.is_set():
            share = plan.before + (plan.records - plan.before) * (seen.kills + 1) // (
                plan.kills + 1
            )
            writer.write(share)
            writer.flush()
            done.wait(0.02)

    thread = threading.Thread(target=write_on)
    thread.start()
    try:
        for _ in range(plan.kills):
            wait_for_pass(folder, chance.choice((".cleaned", ".swap", ".deleted")))
            time.sleep(chance.choice((0, chance.uniform(0, 0.02), chance.uniform(0, 0.5))))
            broker.kill()
            seen.kills += 1
            broker.start()
        done.set()
        thread.join()
        writer.write(plan.records)
        writer.flush()
        wait_until_clean(data)
    finally:
        done.set()
        thread.join()
        broker.stop()
        note_passes(broker.log, seen)


def wait_for_pass(folder: Path, suffix: str) -> None:
    """Wait until a file with this suffix is there, or soon any that a pass has meanwhile.

    In the end do not wait: all that is sealed may be compacted, and no more comes before a kill.
    """
    began = time.monotonic()
    wanted: tuple[str, ...] = (suffix,)
    while not any(path.suffix in wanted for path in folder.iterdir()):
        waited_s = time.monotonic() - began
        if waited_s > PATIENCE_S:
            wanted = (".cleaned", ".swap", ".deleted")
        if waited_s > 2 * PATIENCE_S:
            return
        time.sleep(0.0005)


def note_passes(log: Path, seen: Seen) -> None:
    for read, written, seconds in PASS.findall(log.read_text()):
        seen.passes.append((int(read), int(written), float(seconds)))


def compact_ours(data: Path, seen: Seen) -> set[Found]:
    """Have our broker compact a folder."""
    with running_broker(data, *KEEN) as broker:
        wait_until_clean(data)
    note_passes(broker.log, seen)
    return {found for found in records_of(data / f"{TOPIC}-0") if found.offset < cleaned_to(data)}


def compact_kafkas(home: Path, directory: Path) -> set[Found]:
    """Have Apache Kafka compact the folder `data` in a directory."""
    data = directory / "data"
    settings = {"log.cleaner.backoff.ms": "100", "log.initial.task.delay.ms": "100"}
    with kafka_home_module().running_broker(home, directory, settings=settings):
        wait_until_clean(data)
    return {found for found in records_of(data / f"{TOPIC}-0") if found.offset < cleaned_to(data)}


def compare(home: Path, originals: Path, killed: Path, cleaned: int, seen: Seen) -> None:
    """Compact the same files by both, and hold them against each other."""
    theirs_dir, ours_dir = originals.parent / "theirs", originals.parent / "ours"
    shutil.copytree(originals, theirs_dir / "data")
    shutil.copytree(originals, ours_dir / "data")
    began = time.monotonic()
    theirs = compact_kafkas(home, theirs_dir)
    their_s, began = time.monotonic() - began, time.monotonic()
    ours = compact_ours(ours_dir / "data", seen)
    our_s = time.monotonic() - began
    end = cleaned_to(ours_dir / "data")
    their_end = cleaned_to(theirs_dir / "data")
    seen.expect(end == their_end, f"compacted to {end}, by Kafka to {their_end}")
    seen.expect(ours == theirs, f"{len(ours ^ theirs)} records differ from Kafka's")
    seen.say(
        f"  the files before any compaction, compacted by Kafka ({their_s:.1f} s with its start)"
        f" and by us ({our_s:.1f} s): {len(theirs)} and {len(ours)} records before offset {end},"
        f" {len(ours ^ theirs)} differ"
    )
    later = {found.key: found.offset for found in records_of(killed) if found.offset < cleaned}
    expected = {found for found in theirs if later.get(found.key, -1) == found.offset}
    left = {found for found in records_of(killed) if found.offset < end}
    seen.expect(left == expected, f"{len(left ^ expected)} of Kafka's records are not left")
    seen.say(
        f"  of Kafka's {len(theirs)}, {len(left)} are left in the folder of the killed broker: the"
        f" others' keys were written again later, and compacted up to offset {cleaned}"
    )


def go_on(home: Path, directory: Path, writer: Writer, seen: Seen) -> None:
    """Open the folder with Apache Kafka; it goes on from where we have compacted to."""
    before = set(records_of(directory / "data" / f"{TOPIC}-0"))
    with kafka_home_module().running_broker(home, directory) as kafka:
        admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
        assert TOPIC in admin.list_topics(timeout=30).topics
        resets = [line for line in kafka.log.read_text().splitlines() if "Resetting first" in line]
    after = set(records_of(directory / "data" / f"{TOPIC}-0"))
    seen.expect(not resets, f"Kafka does not believe the cleaner's checkpoint: {resets}")
    seen.expect(after <= before, "Kafka finds other records")
    seen.say(f"  Kafka opens it, and finds {len(after)} of {len(before)} records")


def run(plan: Plan, folder: Path, home: Path) -> Seen:
    """Run the campaign; return what was seen, violations included."""
    seen = Seen()
    data, originals = folder / "killed" / "data", folder / "originals"
    data.parent.mkdir()
    began = time.monotonic()
    writer = fill(data, plan)
    shutil.copytree(data, originals)
    size = sum(path.stat().st_size for path in (originals / f"{TOPIC}-0").glob("*.log"))
    seen.say(f"{plan.before} records, {size / 1e6:.0f} MB, in {time.monotonic() - began:.1f} s")
    began = time.monotonic()
    kill_while_compacting(data, writer, plan, seen)
    seen.violations += writer.failed
    count = len(writer.numbers)
    seen.expect(count == plan.records, f"{count} offsets for {plan.records} records")
    seen.say(
        f"{plan.records - plan.before} more while it was killed {seen.kills} times with files of a"
        f" pass there (.cleaned, .swap, .deleted),"
        f" in {time.monotonic() - began:.1f} s; {len(seen.passes)} passes were finished"
    )
    cleaned = cleaned_to(data)
    check_list(data / f"{TOPIC}-0", cleaned, writer, plan, seen)
    dump(home, data / f"{TOPIC}-0", seen)
    compare(home, originals, data / f"{TOPIC}-0", cleaned, seen)
    go_on(home, folder / "killed", writer, seen)
    read, written, seconds = map(sum, zip(*seen.passes, strict=True))
    seen.say(
        f"all passes: read {read / 1e6:.0f} MB, wrote {written / 1e6:.0f} MB in {seconds:.1f} s,"
        f" {(read + written) / 1e6 / max(seconds, 0.1):.0f} MB/s"
    )
    seen.say(f"violations: {len(seen.violations)}")
    return seen


def main() -> int:
    """Read the command line, run, print what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--records", type=int, default=Plan.records)
    parser.add_argument("--keys", type=int, default=Plan.keys)
    parser.add_argument("--kills", type=int, default=Plan.kills)
    parser.add_argument("--seed", type=int, default=Plan.seed)
    given = parser.parse_args()
    plan = Plan(given.records, given.keys, given.kills, given.seed)
    with tempfile.TemporaryDirectory() as folder:
        seen = run(plan, Path(folder), kafka_home_module().build(KAFKA))
    for violation in seen.violations[:20]:
        print(violation)
    return 1 if seen.violations else 0


if __name__ == "__main__":
    sys.exit(main())

"""Members of one consumer group, of Java and of librdkafka, and a ledger of what they tell.

Members of Java are threads of one process (`GroupMembers.java`), those of librdkafka threads of
this one. The ledger knows who owned what and when, by the members' own callbacks, and who got
which record when.
"""

import subprocess
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

HERE = Path(__file__).resolve().parent
PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Got:
    """Records that a member got at once; offsets are inclusive, times monotonic nanoseconds."""

    at_ns: int
    member: str
    first: int
    last: int


@dataclass(slots=True)
class Ownership:
    """When a member owned a partition; it still does while there is no end."""

    member: str
    from_ns: int
    to_ns: int | None = None


@dataclass(slots=True)
class Ledger:
    """What members told. Their threads write it."""

    owned: dict[int, list[Ownership]] = field(default_factory=lambda: defaultdict(list))
    got: dict[int, list[Got]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    left: set[str] = field(default_factory=set)
    assigned: int = 0
    """How often a member was given something."""

    def note(self, at_ns: int, member: str, kind: str, numbers: list[int]) -> None:
        """Take in a line, whose form is that of `GroupMembers.java`."""
        match kind:
            case "A":
                self.assigned += 1
                for partition in numbers:
                    self.owned[partition].append(Ownership(member, at_ns))
            case "R" | "L":
                for partition in numbers:
                    for ownership in self.owned[partition]:
                        if ownership.member == member and ownership.to_ns is None:
                            ownership.to_ns = at_ns
            case "G":
                partition, first, last = numbers
                self.got[partition].append(Got(at_ns, member, first, last))
            case "C":
                self.left.add(member)
                self.note(at_ns, member, "R", list(self.owned))

    def owners(self) -> dict[int, list[str]]:
        """Return who owns what now."""
        return {
            partition: [each.member for each in list(periods) if each.to_ns is None]
            for partition, periods in list(self.owned.items())
        }

    def overlaps(self) -> list[str]:
        """Return where a partition had two owners at a time."""
        found = []
        for partition, periods in self.owned.items():
            for before, after in pairwise(sorted(periods, key=lambda each: each.from_ns)):
                if before.to_ns is None or before.to_ns > after.from_ns:
                    found.append(f"partition {partition}: {before} and {after}")
        return found

    def missing(self, ends: dict[int, int]) -> list[str]:
        """Return the records that nobody got, of partitions that end where `ends` says."""
        found = []
        for partition, end in ends.items():
            position = 0
            for each in sorted(self.got[partition], key=lambda each: each.first):
                if each.first > position:
                    found.append(f"partition {partition}: {position} to {each.first - 1}")
                position = max(position, each.last + 1)
            if position < end:
                found.append(f"partition {partition}: {position} to {end - 1}")
        return found

    def records(self) -> tuple[int, int]:
        """Return how many deliveries there were, and of how many records."""
        deliveries, records = 0, 0
        for each in self.got.values():
            deliveries += sum(got.last - got.first + 1 for got in each)
            records += 1 + max(got.last for got in each)
        return deliveries, records

    def longest_pause(self, from_ns: int, to_ns: int) -> tuple[float, int]:
        """Return the longest time in seconds that nobody got of a partition, and the partition."""
        worst = 0, -1
        for partition, each in self.got.items():
            times = sorted(got.at_ns for got in each if from_ns <= got.at_ns <= to_ns)
            times = [from_ns, *times, to_ns]
            worst = max(
                worst, max((after - before, partition) for before, after in pairwise(times))
            )
        return worst[0] / 1e9, worst[1]


class JavaMembers:
    """The process of all members of Java."""

    def __init__(
        self, home: Path, bootstrap: str, group: str, topic: str, ledger: Ledger, log: Path
    ) -> None:
        logging = f"-Dlog4j2.configurationFile=file:{home}/config/log-tools.properties"
        command = ["java", "-XX:TieredStopAtLevel=1", "-Xmx512m", logging, "-cp", f"{home}/libs/*"]
        command += [str(HERE / "GroupMembers.java"), bootstrap, group, topic]
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._ledger = ledger
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def join(self, name: str, settings: dict[str, str]) -> None:
        """Let a member join."""
        words = [f"{key}={value}" for key, value in settings.items()]
        self._say(" ".join(["join", name, *words]))

    def leave(self, name: str) -> None:
        """Let a member leave; the ledger tells when it has."""
        self._say(f"leave {name}")

    def close(self) -> None:
        """Let all leave."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._ledger.errors.append("the members of Java do not end")
            self._process.kill()
        self._process.wait()
        self._reader.join(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            at_ns, name, kind, *rest = line.split()
            if kind == "E":
                self._ledger.errors.append(f"{name}: {' '.join(rest)}")
            else:
                self._ledger.note(int(at_ns), name, kind, [int(word) for word in rest])


class LibrdkafkaMembers:
    """The members of librdkafka, with the ways of `JavaMembers`."""

    def __init__(self, bootstrap: str, group: str, topic: str, ledger: Ledger) -> None:
        self._bootstrap, self._group, self._topic = bootstrap, group, topic
        self._ledger = ledger
        self._members: dict[str, tuple[threading.Thread, threading.Event]] = {}

    def join(self, name: str, settings: dict[str, str]) -> None:
        """Let a member join."""
        leaving = threading.Event()
        thread = threading.Thread(target=self._live, args=(name, settings, leaving), daemon=True)
        self._members[name] = thread, leaving
        thread.start()

    def leave(self, name: str) -> None:
        """Let a member leave; the ledger tells when it has."""
        self._members[name][1].set()

    def close(self) -> None:
        """Let all leave."""
        for _, leaving in self._members.values():
            leaving.set()
        for name, (thread, _) in self._members.items():
            thread.join(PATIENCE_S)
            if thread.is_alive():
                self._ledger.errors.append(f"{name} does not end")

    def _live(self, name: str, settings: dict[str, str], leaving: threading.Event) -> None:
        consumer = Consumer(
            {
                "bootstrap.servers": self._bootstrap,
                "group.id": self._group,
                "client.id": name,
                "auto.offset.reset": "earliest",
                "reconnect.backoff.max.ms": 100,
                "fetch.wait.max.ms": 100,
                "log_level": 0,
                **settings,
            }
        )

        def tell(kind: str, partitions: list[TopicPartition]) -> None:
            numbers = [each.partition for each in partitions]
            self._ledger.note(time.monotonic_ns(), name, kind, numbers)

        try:
            consumer.subscribe(
                [self._topic],
                on_assign=lambda _, partitions: tell("A", partitions),
                on_revoke=lambda _, partitions: tell("R", partitions),
                on_lost=lambda _, partitions: tell("L", partitions),
            )
            while not leaving.is_set():
                self._consume(name, consumer)
            consumer.close()
        except (KafkaException, RuntimeError) as error:
            self._ledger.errors.append(f"{name}: {error}")
        self._ledger.note(time.monotonic_ns(), name, "C", [])

    def _consume(self, name: str, consumer: Consumer) -> None:
        """Tell of one record, or of all that are there."""
        message = consumer.poll(0.1)
        if message is None:
            return
        error = message.error()
        if error is not None:
            if not error.retriable():
                self._ledger.errors.append(f"{name}: {error}")
            return
        partition, offset = message.partition(), message.offset()
        assert partition is not None
        assert offset is not None
        self._ledger.note(time.monotonic_ns(), name, "G", [partition, offset, offset])


class Producing:
    """A thread that produces at a steady rate to all partitions in turn."""

    def __init__(self, bootstrap: str, topic: str, partitions: int, per_second: int) -> None:
        self.ends: dict[int, int] = {}
        """After which offset nothing is acknowledged, by partition."""
        self.failed = 0
        self._topic, self._partitions, self._pause_s = topic, partitions, 1 / per_second
        self._producer = Producer(
            {"bootstrap.servers": bootstrap, "enable.idempotence": True, "log_level": 0}
        )
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it, with all of it acknowledged."""
        self._ending.set()
        self._thread.join(PATIENCE_S)
        self.failed += self._producer.flush(PATIENCE_S)

    def _run(self) -> None:
        number, due = 0, time.monotonic()
        while not self._ending.wait(max(0.0, due - time.monotonic())):
            partition = number % self._partitions
            self._producer.produce(
                self._topic, b"%d" % number, partition=partition, on_delivery=self._delivered
            )
            self._producer.poll(0)
            number += 1
            due += self._pause_s

    def _delivered(self, error: object, message: object) -> None:
        if error is not None:
            self.failed += 1
            return
        partition, offset = message.partition(), message.offset()  # type: ignore[attr-defined]
        self.ends[partition] = max(self.ends.get(partition, 0), offset + 1)

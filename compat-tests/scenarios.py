"""What every client must be able to do. Runs in the client's own environment.

A client's folder has a `client.py` with a class of the methods of `Client` below, and calls
`serve` with it. The suite then names scenarios on stdin, one JSON line each, and reads lines
from stdout: `{"ask": ...}` for what only the suite can do (answered by a line), and at the end of
a scenario `{"done": error or null}`.
"""

import json
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

DEADLINE_S = 40
START_MS = 1_600_000_000_000


@dataclass(frozen=True)
class Record:
    """A record as produced, and as it should be read."""

    topic: str
    partition: int
    value: bytes | None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    timestamp_ms: int = START_MS
    offset: int | None = None


class Member(Protocol):
    """A consumer of a group. It is used by one thread at a time."""

    def poll(self) -> list[Record]: ...
    def assignment(self) -> set[int]: ...
    def commit(self) -> None: ...
    def close(self) -> None: ...


class Client(Protocol):
    """What a client must offer; a scenario that it cannot do is left out by its test module."""

    has_group_deletion: bool
    has_topic_listing: bool

    def produce(self, records: list[Record], codec: str, *, idempotent: bool = False) -> None: ...
    def read(self, topic: str, start: dict[int, int], count: int) -> list[Record]: ...
    def join(self, topic: str, group: str, instance_id: str | None = None) -> Member: ...
    def offsets_at(self, topic: str, times_ms: dict[int, int]) -> dict[int, int | None]: ...
    def create_topic(self, topic: str, partitions: int, configs: dict[str, str]) -> None: ...
    def add_partitions(self, topic: str, total: int) -> None: ...
    def delete_topic(self, topic: str) -> None: ...
    def topics(self) -> set[str]: ...
    def partitions(self, topic: str) -> int: ...
    def configs(self, topic: str) -> dict[str, str]: ...
    def groups(self) -> set[str]: ...
    def describe_group(self, group: str) -> tuple[str, int]: ...
    def group_offsets(self, group: str, topic: str) -> dict[int, int]: ...
    def delete_group(self, group: str) -> None: ...


@dataclass
class Suite:
    """The other end of the pipe."""

    bootstrap: str

    def ask(self, what: str, **details: int) -> Any:
        """Have the suite do something, and return its answer."""
        print(json.dumps({"ask": what, **details}), flush=True)
        return json.loads(sys.stdin.readline())


Scenario = Callable[[Client, Suite], None]
SCENARIOS: dict[str, Scenario] = {}


def scenario(run: Scenario) -> Scenario:
    """Register a scenario under its function's name."""
    SCENARIOS[run.__name__] = run
    return run


def serve(client_class: Callable[[str], Client]) -> None:
    """Run the scenarios that are named on stdin, until it ends."""
    suite = Suite(sys.argv[1])
    client = client_class(suite.bootstrap)
    for line in sys.stdin:
        error = None
        try:
            SCENARIOS[json.loads(line)](client, suite)
        except BaseException:
            error = traceback.format_exc()
        print(json.dumps({"done": error}), flush=True)


def _all_fields(topic: str) -> list[Record]:
    """Return records of every shape that any client can send: nulls, headers, sizes."""
    records = []
    for number in range(90):
        value = f"value {number} ".encode() * (number * 5)
        records.append(
            Record(
                topic,
                partition=number % 3,
                value=value if number % 10 else None,
                key=f"key {number}".encode() if number % 3 else None,
                headers=(("trace", b"%d" % number), ("empty", b""))[: number % 3],
                timestamp_ms=START_MS + number * 1000,
            )
        )
        if records[-1].key is None and records[-1].value is None:
            records[-1] = replace(records[-1], value=b"")
    return records


def _expect(found: object, expected: object, what: str) -> None:
    if found != expected:
        text = f"{what}:\n  found    {found!r}"[:3000]
        raise AssertionError(f"{text}\n  expected {expected!r}"[:6000])


def _until(condition: Callable[[], bool], what: Callable[[], str]) -> None:
    give_up = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > give_up:
            raise AssertionError(f"not in {DEADLINE_S} s: {what()}")
        time.sleep(0.02)


def _loaded(client: Client, group: str, topic: str) -> bool:
    """Whether a coordinator that was just started knows a group; until then it says so."""
    try:
        return bool(client.group_offsets(group, topic))
    except Exception:
        return False


def _comes_back(codec: str) -> Scenario:
    def run(client: Client, suite: Suite) -> None:
        topic = f"codec-{codec}"
        client.create_topic(topic, 3, {})
        sent = _all_fields(topic)
        client.produce(sent, codec)
        found = client.read(topic, {0: 0, 1: 0, 2: 0}, len(sent))
        for partition in range(3):
            expected = [record for record in sent if record.partition == partition]
            got = [record for record in found if record.partition == partition]
            numbered = [replace(record, offset=n) for n, record in enumerate(expected)]
            _expect(got, numbered, f"partition {partition}")
        later = client.read(topic, {1: 17}, len(sent) // 3 - 17)
        _expect([record.offset for record in later], list(range(17, 30)), "from offset 17")

    run.__name__ = f"records_come_back_exactly_{codec}"
    return run


for _codec in ("none", "gzip", "snappy", "lz4", "zstd"):
    scenario(_comes_back(_codec))


@scenario
def a_consumer_seeks_by_time(client: Client, suite: Suite) -> None:
    client.create_topic("times", 2, {})
    sent = [Record("times", n % 2, b"%d" % n, timestamp_ms=START_MS + n * 10) for n in range(100)]
    client.produce(sent, "none")
    asked = {0: START_MS + 500, 1: START_MS + 501}
    _expect(client.offsets_at("times", asked), {0: 25, 1: 25}, "offsets")
    late = client.offsets_at("times", {0: START_MS + 10_000})
    _expect(late, {0: None}, "after the last record")
    found = client.read("times", {1: 25}, 25)
    _expect([record.value for record in found], [b"%d" % n for n in range(51, 100, 2)], "values")


class _Running(threading.Thread):
    """A member that polls, commits what it got, and notes what it was assigned."""

    def __init__(self, client: Client, topic: str, group: str, instance: str | None = None) -> None:
        super().__init__(daemon=True)
        self.got: list[Record] = []
        self.assigned: set[int] = set()
        self.history: list[set[int]] = []
        self.error: str | None = None
        self._join = lambda: client.join(topic, group, instance)
        self._stopping = threading.Event()
        self.start()

    def run(self) -> None:
        try:
            member = self._join()
            while not self._stopping.is_set():
                records = member.poll()
                self.assigned = set(member.assignment())
                if not self.history or self.history[-1] != self.assigned:
                    self.history.append(self.assigned)
                if records:
                    member.commit()
                    self.got += records
            member.close()
        except Exception:
            self.error = traceback.format_exc()

    def leave(self) -> None:
        """Close the consumer, and wait for it."""
        self._stopping.set()
        self.join(DEADLINE_S)
        _expect(self.error, None, "the member's error")


def _settle(members: list[_Running], partitions: int) -> None:
    def settled() -> bool:
        for member in members:
            _expect(member.error, None, "a member's error")
        owned = [index for member in members for index in member.assigned]
        return sorted(owned) == list(range(partitions)) and all(m.assigned for m in members)

    _until(settled, lambda: f"assignments {[m.history for m in members]}")


def _share(client: Client, topic: str, members: list[_Running], round_number: int) -> None:
    """Produce to every partition; the members get every record once."""
    values = [b"%d %d" % (round_number, number) for number in range(300)]
    client.produce([Record(topic, n % 6, value) for n, value in enumerate(values)], "none")

    def got() -> list[bytes]:
        found = [record.value or b"" for member in members for record in member.got]
        return [value for value in found if value.startswith(b"%d " % round_number)]

    _until(lambda: len(got()) >= len(values), lambda: f"{len(got())} of {len(values)} arrived")
    _expect(Counter(got()), Counter(values), "values")


def _group_of(count: int) -> Scenario:
    def run(client: Client, suite: Suite) -> None:
        topic = group = f"group-of-{count}"
        client.create_topic(topic, 6, {})
        members = [_Running(client, topic, group)]
        _settle(members, 6)
        _share(client, topic, members, 1)
        members += [_Running(client, topic, group) for _ in range(count - 1)]
        _settle(members, 6)
        _share(client, topic, members, 2)
        members[0].leave()
        _settle(members[1:], 6)
        _share(client, topic, members[1:], 3)
        for member in members[1:]:
            member.leave()
        everything = Counter(record.value for member in members for record in member.got)
        _expect((len(everything), set(everything.values())), (900, {1}), "each record once")

    return run


@scenario
def two_members_share_the_partitions(client: Client, suite: Suite) -> None:
    _group_of(2)(client, suite)


@scenario
def five_members_share_the_partitions(client: Client, suite: Suite) -> None:
    _group_of(5)(client, suite)


@scenario
def a_static_member_comes_back_to_its_partitions(client: Client, suite: Suite) -> None:
    client.create_topic("static", 6, {})
    first = _Running(client, "static", "static", "one")
    other = _Running(client, "static", "static", "two")
    _settle([first, other], 6)
    before, undisturbed = first.assigned, list(other.history)
    first.leave()
    again = _Running(client, "static", "static", "one")
    _settle([again, other], 6)
    _expect(again.assigned, before, "assignment")
    _expect(other.history, undisturbed, "what the other member saw")
    again.leave()
    other.leave()


@scenario
def committed_offsets_outlive_a_restart(client: Client, suite: Suite) -> None:
    def consume(count: int) -> list[bytes | None]:
        member = _Running(client, "restart", "restart")
        _until(
            lambda: len(member.got) >= count or member.error is not None,
            lambda: f"{len(member.got)} of {count}",
        )
        member.leave()
        return [record.value for record in member.got]

    client.create_topic("restart", 1, {})
    first, second = ([b"%s %d" % (name, n) for n in range(60)] for name in (b"a", b"b"))
    client.produce([Record("restart", 0, value) for value in first], "gzip")
    _expect(consume(60), first, "before")
    client.produce([Record("restart", 0, value) for value in second], "gzip")
    suite.ask("restart")
    _until(lambda: _loaded(client, "restart", "restart"), lambda: "the group is not loaded")
    _expect(client.group_offsets("restart", "restart"), {0: 60}, "offsets after the restart")
    _expect(consume(60), second, "after")
    _expect(client.group_offsets("restart", "restart"), {0: 120}, "offsets in the end")


@scenario
def topics_are_created_described_grown_and_deleted(client: Client, suite: Suite) -> None:
    client.create_topic("admin", 2, {"retention.ms": "86400000", "cleanup.policy": "compact"})
    _expect(client.partitions("admin"), 2, "partitions")
    configs = client.configs("admin")
    found = {name: configs.get(name) for name in ("retention.ms", "cleanup.policy")}
    _expect(found, {"retention.ms": "86400000", "cleanup.policy": "compact"}, "configurations")
    client.add_partitions("admin", 5)
    _until(lambda: client.partitions("admin") == 5, lambda: "five partitions")
    if client.has_topic_listing:
        _expect("admin" in client.topics(), True, "listed")
    client.delete_topic("admin")
    if client.has_topic_listing:
        _until(lambda: "admin" not in client.topics(), lambda: "the topic is gone")


@scenario
def groups_are_listed_described_and_deleted(client: Client, suite: Suite) -> None:
    client.create_topic("watched", 6, {})
    member = _Running(client, "watched", "watched")
    _settle([member], 6)
    _share(client, "watched", [member], 1)
    _expect("watched" in client.groups(), True, "listed")
    _expect(client.describe_group("watched"), ("Stable", 1), "described")
    _expect(client.group_offsets("watched", "watched"), dict.fromkeys(range(6), 50), "offsets")
    member.leave()
    _until(lambda: client.describe_group("watched") == ("Empty", 0), lambda: "an empty group")
    if client.has_group_deletion:
        client.delete_group("watched")
        _expect("watched" in client.groups(), False, "listed after deletion")


@scenario
def an_idempotent_producer_outlives_cut_connections(client: Client, suite: Suite) -> None:
    client.create_topic("cut", 3, {})
    filling = b"x" * 200
    sent = [Record("cut", n % 3, b"%d " % n + filling) for n in range(4000)]
    suite.ask("cut", times=25)
    client.produce(sent, "none", idempotent=True)
    cuts = suite.ask("steady")
    found = client.read("cut", {0: 0, 1: 0, 2: 0}, len(sent))
    for partition in range(3):
        expected = [record.value for record in sent if record.partition == partition]
        got = [record.value for record in found if record.partition == partition]
        if got != expected:
            twice = [value[:8] for value, n in Counter(got).items() if n > 1 and value]
            lost = [value[:8] for value in set(expected) - set(got) if value]
            raise AssertionError(f"partition {partition}: twice {twice[:9]}, lost {lost[:9]}")
    if cuts < 5:
        raise AssertionError(f"only {cuts} connections were cut")

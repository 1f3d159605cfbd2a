"""What consumer groups cost: many of them at rest, and one that everybody joins.

    python -m benchmarks.groups [--protocol classic|consumer] [--groups 1000] [--members 10]
        [--joining 500] [--seconds 30] [--without-kafka]

At rest: the share of one core that the broker uses for heartbeats every 3 s. Joining: members
come at once to an empty group, then one more to the group at rest; the seconds from when the last
of them asked to join until each has its part and none changes any more. A member learns of a
rebalance with its next heartbeat, and those who join here send one a second.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path

import click
import uvloop

from benchmarks import machine, report
from benchmarks.brokers import Broker, BrokerError, kafka, ours
from benchmarks.generator import LoadError
from benchmarks.members import ClassicMember, Connection, ConsumerMember, Member, Work, connect
from benchmarks.report import BASE, OURS, Better, Row, Sample, Target
from kafkacompat_protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest

BEAT_MS = 3_000
JOINING_BEAT_MS = 1_000
AT_ONCE = 200
"""So many members join at a time where joining is not what is measured."""
PER_MEMBER = 2
"""Partitions for each member."""
PATIENCE_S = 120.0
KINDS: dict[str, type[Member]] = {"classic": ClassicMember, "consumer": ConsumerMember}
SETTINGS = {
    "group.consumer.heartbeat.interval.ms": str(BEAT_MS),
    "group.consumer.max.size": "10000",
}


class Crowd:
    """Members on a broker, and the tasks that send their heartbeats."""

    def __init__(self, broker: Broker, kind: type[Member]) -> None:
        self.broker = broker
        self.kind = kind
        self.members: list[Member] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def add(self, work: Work, count: int) -> list[Member]:
        """Connect new members, which have not joined."""
        made = [self.kind(await connect(self.broker.address), work) for _ in range(count)]
        self.members += made
        return made

    async def live(self, member: Member, phase: float) -> None:
        """Have a member join, and from then on send heartbeats; `phase` is from 0 to 1."""
        await member.join()
        self._tasks.append(asyncio.create_task(member.stay(phase * member.work.beat_ms / 1000)))

    def check(self) -> None:
        """Errors: LoadError of the first member that could not stay."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def close(self) -> None:
        """Hang up."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError, LoadError):
                await task
        for member in self.members:
            member.connection.close()


def is_settled(members: list[Member]) -> bool:
    """Whether each of a group's members has its part, and all parts are given out."""
    work = members[0].work
    least = work.partitions // len(members)
    held = [index for member in members for index in member.partitions]
    return (
        len(held) == len(set(held)) == work.partitions
        and min(len(member.partitions) for member in members) >= least
    )


async def settle(crowd: Crowd, groups: list[list[Member]]) -> None:
    """Wait until groups are settled. Errors: LoadError when they are not after two minutes."""
    give_up = time.perf_counter() + PATIENCE_S
    left = groups
    while left := [group for group in left if not is_settled(group)]:
        crowd.check()
        if time.perf_counter() > give_up:
            sizes = sorted(len(member.partitions) for member in left[0])
            raise LoadError(f"{len(left)} groups do not settle; one has {sizes}")
        await asyncio.sleep(0.02)


async def make_topic(broker: Broker, name: str, partitions: int) -> bytes:
    """Make a topic, and the topic of offsets; return its id."""
    connection = await connect(broker.address)
    topic = CreatableTopic(
        name=name, num_partitions=partitions, replication_factor=1, assignments=[], configs=[]
    )
    answer = await connection.call(CreateTopicsRequest(topics=[topic]), 7)
    if answer.topics[0].error_code:
        raise LoadError(f"CreateTopics: {answer.topics[0].error_message}")
    await _find_coordinator(connection)
    connection.close()
    found: bytes = answer.topics[0].topic_id
    return found


async def _find_coordinator(connection: Connection) -> None:
    give_up = time.perf_counter() + PATIENCE_S
    while True:
        request = FindCoordinatorRequest(key="any")
        if not (await connection.call(request, 2)).error_code:
            return
        if time.perf_counter() > give_up:
            raise LoadError("FindCoordinator: there is none")
        await asyncio.sleep(0.1)


async def at_rest(broker: Broker, protocol: str, groups: int, size: int, seconds: float) -> float:
    """Return the share of a core that heartbeats of many groups take."""
    crowd = Crowd(broker, KINDS[protocol])
    topic_id = await make_topic(broker, "rest", size * PER_MEMBER)
    gate = asyncio.Semaphore(max(1, AT_ONCE // size))
    everyone: list[list[Member]] = []

    async def form(number: int) -> None:
        work = Work(f"group-{number}", "rest", topic_id, size * PER_MEMBER, BEAT_MS)
        async with gate:
            members = await crowd.add(work, size)
            everyone.append(members)
            await asyncio.gather(*(crowd.live(member, random.random()) for member in members))

    try:
        await asyncio.gather(*map(form, range(groups)))
        await settle(crowd, everyone)
        await asyncio.sleep(2 * BEAT_MS / 1000)
        beats, used, began = _beats(crowd), broker.cpu_seconds(), time.perf_counter()
        await asyncio.sleep(seconds)
        took = time.perf_counter() - began
        share = (broker.cpu_seconds() - used) / took
        done, due = _beats(crowd) - beats, groups * size * took / (BEAT_MS / 1000)
        crowd.check()
        if done < 0.95 * due:
            raise LoadError(f"{done} heartbeats in {took:.1f} s; {due:.0f} were due")
        return share
    finally:
        await crowd.close()


def _beats(crowd: Crowd) -> int:
    return sum(member.beats for member in crowd.members)


async def joining(broker: Broker, protocol: str, size: int) -> tuple[float, float]:
    """Return how long it takes when all join at once, and when one more joins those at rest."""
    crowd = Crowd(broker, KINDS[protocol])
    partitions = (size + 1) * PER_MEMBER
    topic_id = await make_topic(broker, "joined", partitions)
    work = Work("joined", "joined", topic_id, partitions, JOINING_BEAT_MS)
    try:
        members = await crowd.add(work, size)
        first = await _joined(crowd, members, members)
        await asyncio.sleep(2 * JOINING_BEAT_MS / 1000)
        (late,) = await crowd.add(work, 1)
        return first, await _joined(crowd, [late], [*members, late])
    finally:
        await crowd.close()


async def _joined(crowd: Crowd, coming: list[Member], all_members: list[Member]) -> float:
    """Let members join; return the seconds from the last one's asking until all are settled."""
    phases = [place / len(coming) for place in range(len(coming))]
    await asyncio.gather(*map(crowd.live, coming, phases))
    await settle(crowd, [all_members])
    asked = max(member.joined_at for member in coming)
    return max(member.settled_at for member in all_members) - asked


Start = Callable[[Path], AbstractContextManager[Broker]]


def brokers(protocol: str, with_kafka: bool) -> dict[str, Start]:
    """Return how to start those that are compared."""
    own = SETTINGS if protocol == "consumer" else {}
    words = [f"{name}={value}" for name, value in own.items()]
    found: dict[str, Start] = {OURS: lambda at: ours(at, "os", *words)}
    if with_kafka:
        settings = {name.replace(".", "_"): value for name, value in own.items()}
        settings["group_consumer_min_heartbeat_interval_ms"] = "1000"
        found = {BASE: partial(kafka, **settings), **found}
    return found


def measure(
    protocol: str, starts: dict[str, Start], groups: int, size: int, joined: int, seconds: float
) -> list[Row]:
    """Run everything on each broker in turn."""
    name = f"{protocol} protocol, "
    rest = Row(
        f"{name}{groups:,} groups of {size}, at rest", "core", Better.LESS, Target(bound=1 / 3)
    )
    first = Row(f"{name}{joined} join at once", "s", Better.LESS, Target(bound=3))
    late = Row(f"{name}one more joins {joined}", "s", Better.LESS, Target(bound=3))
    for broker_name, start in starts.items():
        try:
            with tempfile.TemporaryDirectory() as folder, start(Path(folder) / "data") as broker:
                if joined:
                    took = uvloop.run(joining(broker, protocol, joined))
                    first.add(broker_name, Sample(took[0]))
                    late.add(broker_name, Sample(took[1]))
                if groups:
                    share = uvloop.run(at_rest(broker, protocol, groups, size, seconds))
                    rest.add(broker_name, Sample(share))
        except (LoadError, BrokerError) as error:
            for row in (first, late, rest):
                if broker_name not in row.samples:
                    row.notes[broker_name] = f"failed: {error}"
    return [row for row in (rest, first, late) if row.samples or row.notes]


@click.command()
@click.option("--protocol", type=click.Choice(list(KINDS)), multiple=True, default=list(KINDS))
@click.option("--groups", default=1000, show_default=True)
@click.option("--members", "size", default=10, show_default=True, help="Members of each group.")
@click.option("--joining", "joined", default=500, show_default=True)
@click.option("--seconds", default=30.0, show_default=True, help="How long rest is measured.")
@click.option("--without-kafka", is_flag=True)
def main(
    protocol: tuple[str, ...],
    groups: int,
    size: int,
    joined: int,
    seconds: float,
    without_kafka: bool,
) -> None:
    """Measure consumer groups, beside Apache Kafka unless told not to."""
    machine.raise_file_limit()
    print(report.HEADER, flush=True)
    failed = False
    for one in protocol:
        starts = brokers(one, with_kafka=not without_kafka)
        for row in measure(one, starts, groups, size, joined, seconds):
            print(row.markdown(), flush=True)
            for who, note in row.notes.items():
                print(f"{who}: {note}", file=sys.stderr)
            failed = failed or row.is_met() is False
    sys.exit(failed)


if __name__ == "__main__":
    main()

"""Java share consumers that release and reject some records, while some of them are killed.

    python compat-tests/share_campaign.py [--records 100000] [--members 5]
        [--member-kills 2] [--broker-kills 0] [--seed N]

Every record must be accepted or rejected once, and never be seen after that; while the broker
lives, each delivery of a record must have a higher count than those before. Nothing may be stuck.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from threading import Thread

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "protocol"))
sys.path.insert(0, str(Path(__file__).parents[1] / "storage"))
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent / "kafka_home"))

import kafka_home
from broker_process import BrokerProcess

from kafkacompat_protocol.messages.describe_share_group_offsets import (
    DescribeShareGroupOffsetsRequest,
    DescribeShareGroupOffsetsRequestGroup,
    DescribeShareGroupOffsetsRequestTopic,
)
from tests.support.node import WireClient

HERE = Path(__file__).resolve().parent
TOPIC, GROUP, PARTITIONS = "work", "workers", 4
PATIENCE_S = 120
SETTINGS = {
    "group.share.session.timeout.ms": "3000",
    "group.share.heartbeat.interval.ms": "500",
}
"""So that partitions of the dead are soon others'; their records are free at once."""
Where = tuple[int, int]
"""Partition and offset."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done, and what is killed meanwhile."""

    records: int = 100_000
    members: int = 5
    member_kills: int = 2
    broker_kills: int = 0
    released: int = 10
    """Percent."""
    rejected: int = 1
    """Percent."""
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Delivery:
    """A record that a member got, and what it meant to say of it."""

    at_ns: int
    count: int
    verdict: str


@dataclass(slots=True)
class Report:
    """What happened, and what should not have."""

    deliveries: dict[Where, list[Delivery]] = field(default_factory=lambda: defaultdict(list))
    done: dict[Where, list[tuple[int, Delivery]]] = field(default_factory=lambda: defaultdict(list))
    """When it was known to be durable, and what."""
    member_kills: int = 0
    broker_kills: int = 0
    failures: list[str] = field(default_factory=list)
    """Acknowledgements that members were told had failed."""
    seconds: float = 0.0
    is_finished: bool = False

    def settled(self) -> int:
        """Return how many records are accepted or rejected for good."""
        return sum(
            any(delivery.verdict != "RELEASE" for _, delivery in told)
            for told in list(self.done.values())
        )


class Member:
    """A Java share consumer in a process of its own."""

    def __init__(
        self, home: Path, bootstrap: str, group: str, topic: str, plan: Plan, report: Report
    ) -> None:
        command = ["java", "-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp", f"{home}/libs/*"]
        command += [str(HERE / "ShareMember.java"), bootstrap, group, topic, str(plan.seed)]
        command += [str(plan.released), str(plan.rejected)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.report = report
        self._open: dict[int, list[tuple[Where, Delivery]]] = defaultdict(list)
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            at_ns, kind, *rest = line.decode().split(maxsplit=2)
            if kind == "G":
                partition, offset, count, verdict = rest[0].split()
                where = int(partition), int(offset)
                delivery = Delivery(int(at_ns), int(count), verdict)
                self.report.deliveries[where].append(delivery)
                self._open[where[0]].append((where, delivery))
            elif kind == "D":
                for where, delivery in self._open.pop(int(rest[0])):
                    self.report.done[where].append((int(at_ns), delivery))
            elif kind == "F":
                self._open.pop(int(rest[0].split()[0]), None)
                self.report.failures.append(rest[0])

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self._end()

    def stop(self) -> None:
        """Let it leave the group."""
        if self.process.returncode is not None:
            return
        assert self.process.stdin is not None
        self.process.stdin.write(b"stop\n")
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._end()

    def _end(self) -> None:
        self.process.wait()
        self._thread.join(10)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


def lag(broker: BrokerProcess) -> tuple[int, int]:
    """Return how many partitions the group has begun with, and what it has left to do."""
    topic = DescribeShareGroupOffsetsRequestTopic(
        topic_name=TOPIC, partitions=list(range(PARTITIONS))
    )
    group = DescribeShareGroupOffsetsRequestGroup(group_id=GROUP, topics=[topic])
    with closing(WireClient(("127.0.0.1", broker.port))) as client:
        (found,) = client.call(DescribeShareGroupOffsetsRequest(groups=[group]), 1).groups
    parts = found.topics[0].partitions if found.topics else []
    begun = [part for part in parts if part.start_offset >= 0]
    return len(begun), sum(part.lag for part in begun)


def run(plan: Plan, home: Path, folder: Path) -> Report:
    """Run it, in a folder of its own."""
    report = Report()
    arguments = [part for pair in SETTINGS.items() for part in ("-c", "=".join(pair))]
    broker = BrokerProcess(folder / "data", arguments=arguments)
    broker.start()
    members: list[Member] = []
    chance = random.Random(plan.seed)
    try:
        admin = AdminClient({"bootstrap.servers": broker.bootstrap})
        admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])[TOPIC].result()
        members += [
            Member(
                home,
                broker.bootstrap,
                GROUP,
                TOPIC,
                replace(plan, seed=plan.seed + number),
                report,
            )
            for number in range(plan.members)
        ]
        _wait(lambda: lag(broker)[0] == PARTITIONS)
        started = time.monotonic()
        _produce(broker.bootstrap, plan.records)
        for settled, what in _kills(plan):
            _wait(lambda settled=settled: report.settled() >= settled)
            if what == "member":
                members.pop(chance.randrange(len(members))).kill()
                report.member_kills += 1
            else:
                broker.kill()
                broker.start()
                report.broker_kills += 1
        _wait(lambda: lag(broker)[1] == 0)
        report.is_finished = True
        report.seconds = time.monotonic() - started
    except TimeoutError:
        pass
    finally:
        for member in members:
            member.stop()
        broker.stop()
    return report


def _kills(plan: Plan) -> Iterator[tuple[int, str]]:
    """Yield after how many settled records what is killed."""
    kills = ["member"] * plan.member_kills + ["broker"] * plan.broker_kills
    random.Random(plan.seed).shuffle(kills)
    for number, what in enumerate(kills, 1):
        yield plan.records * number // (len(kills) + 1), what


def _produce(bootstrap: str, count: int) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5})
    for number in range(count):
        while True:
            try:
                producer.produce(TOPIC, str(number), partition=number % PARTITIONS)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    assert producer.flush(PATIENCE_S) == 0


def _wait(condition) -> None:  # type: ignore[no-untyped-def]
    """Wait until something is true. Errors: TimeoutError."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            if condition():
                return
        except OSError:
            pass  # the broker is being started again
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)


def violations(plan: Plan, report: Report) -> list[str]:
    """Return what should not have happened."""
    found = [] if report.is_finished else [f"stuck: {report.settled()} of {plan.records} settled"]
    places = [(number % PARTITIONS, number // PARTITIONS) for number in range(plan.records)]
    for where in places:
        deliveries = sorted(report.deliveries.get(where, []), key=lambda each: each.at_ns)
        final = [told for told in report.done.get(where, []) if told[1].verdict != "RELEASE"]
        found += _judge(where, deliveries, final, counts_rise=not plan.broker_kills)
    unknown = sorted(set(report.deliveries) - set(places))
    return found + [f"{where} was never produced" for where in unknown]


def _judge(
    where: Where,
    deliveries: list[Delivery],
    final: list[tuple[int, Delivery]],
    *,
    counts_rise: bool,
) -> Iterator[str]:
    if not deliveries:
        yield f"{where} was never delivered"
        return
    if len(final) > 1:
        yield f"{where} was acknowledged {len(final)} times"
    if not final and deliveries[-1].verdict == "RELEASE":
        yield f"{where} was released and not delivered again"
    for at_ns, _ in final:
        if deliveries[-1].at_ns > at_ns:
            yield f"{where} was delivered after it was acknowledged"
    counts = [each.count for each in deliveries]
    if counts_rise and any(after <= before for before, after in pairwise(counts)):
        yield f"{where} was delivered with counts {counts}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Share consumers that are killed")
    for name in ("records", "members", "member_kills", "broker_kills", "seed"):
        default = getattr(Plan(), name)
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=default)
    plan = Plan(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory() as folder:
        report = run(plan, kafka_home.build("4.3.1"), Path(folder))
    found = violations(plan, report)
    again = sum(len(each) > 1 for each in report.deliveries.values())
    print(f"{plan.records} records in {report.seconds:.1f} s, {again} of them more than once")
    print(f"killed: {report.member_kills} members, {report.broker_kills} times the broker")
    print(f"failed acknowledgements: {len(report.failures)} {report.failures[:3]}")
    print("\n".join(found[:20]) or "no violations")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()

"""A classic group that moves to the consumer protocol and back, member by member, under load.

    python compat-tests/group_migration.py [--members 3] [--beat-ms 3000] [--client java] [--kafka]

For each member one of the other protocol joins, and when it has its part the old one leaves. No
record may be lost, and no partition may wait longer than a heartbeat's interval and a second.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "protocol"))
sys.path.insert(0, str(Path(__file__).parents[1] / "storage"))
sys.path.insert(0, str(Path(__file__).parent))

from group_broker import VERSION, address_of, group_broker, kafka_home, make_topic
from group_members import PATIENCE_S, JavaMembers, Ledger, LibrdkafkaMembers, Producing

from kafkacompat_protocol.messages.list_groups import ListGroupsRequest
from tests.support.node import WireClient

TOPIC, GROUP, PARTITIONS = "migrated", "movers", 12
CLASSIC, CONSUMER = "classic", "consumer"
BUSY_S = 2.0
"""How long to look at the group when it has settled after each step."""
Clients = JavaMembers | LibrdkafkaMembers


@dataclass(frozen=True, slots=True)
class Plan:
    """Who moves."""

    members: int = 3
    beat_ms: int = 3_000
    client: str = "java"
    is_kafka: bool = False
    spare_s: float = 1.0
    """A partition may wait for so long in addition to a heartbeat's interval."""

    @property
    def allowed_s(self) -> float:
        """How long a partition may wait."""
        return self.beat_ms / 1000 + self.spare_s


@dataclass(frozen=True, slots=True)
class Step:
    """What happened, and the longest time that a partition waited since."""

    name: str
    group_type: str
    pause_s: float
    partition: int


@dataclass(slots=True)
class Report:
    """What happened, and what should not have."""

    ledger: Ledger = field(default_factory=Ledger)
    steps: list[Step] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    @property
    def longest_pause_s(self) -> float:
        """The longest time that any partition waited."""
        return max(step.pause_s for step in self.steps)


class Migration:
    """Members that come and go one after the other."""

    def __init__(self, plan: Plan, clients: Clients, bootstrap: str, report: Report) -> None:
        self._plan, self._clients = plan, clients
        self._bootstrap, self._report = bootstrap, report
        self._members: list[str] = []
        self._count = 0

    def begin(self) -> None:
        """All join by the classic protocol."""
        for _ in range(self._plan.members):
            self._join(CLASSIC)
        self._settle()

    def move_to(self, protocol: str) -> None:
        """Replace each member by one of a protocol."""
        for _ in range(self._plan.members):
            self._step(f"one joins by the {protocol} protocol", lambda: self._join(protocol))
            self._step(f"{self._members[0]} leaves", self._leave)

    def _step(self, name: str, act: Callable[[], None]) -> None:
        began = time.monotonic_ns()
        act()
        self._settle()
        # Only whole pauses are seen: those of the settled group end in this time.
        time.sleep(BUSY_S)
        pause_s, partition = self._report.ledger.longest_pause(began, time.monotonic_ns())
        kind = _group_type(self._bootstrap)
        self._report.steps.append(Step(name, kind, pause_s, partition))

    def _join(self, protocol: str) -> None:
        name = f"{protocol}-{self._count}"
        self._count += 1
        settings = {"group.protocol": protocol}
        if protocol == CLASSIC:
            settings["heartbeat.interval.ms"] = str(self._plan.beat_ms)
        self._clients.join(name, settings)
        self._members.append(name)

    def _leave(self) -> None:
        self._clients.leave(self._members.pop(0))

    def _settle(self) -> None:
        """Wait until everyone has as many partitions as everyone else."""
        deadline = time.monotonic() + PATIENCE_S
        while not self._is_settled():
            if time.monotonic() > deadline:
                owners = self._report.ledger.owners()
                self._report.violations.append(f"{self._members} do not settle: {owners}")
                return
            time.sleep(0.02)

    def _is_settled(self) -> bool:
        owners = self._report.ledger.owners()
        if any(len(owners.get(index, [])) != 1 for index in range(PARTITIONS)):
            return False
        held = [names[0] for names in owners.values()]
        least = PARTITIONS // len(self._members)
        return all(held.count(name) >= least for name in self._members)


def _group_type(bootstrap: str) -> str:
    with closing(WireClient(address_of(bootstrap))) as client:
        answer = client.call(ListGroupsRequest(states_filter=[], types_filter=[]), 5)
    return next((each.group_type for each in answer.groups if each.group_id == GROUP), "none")


def run(plan: Plan, folder: Path) -> Report:
    """Run it, in a folder of its own."""
    report = Report()
    with group_broker(folder, plan.beat_ms, is_kafka=plan.is_kafka) as bootstrap:
        make_topic(bootstrap, TOPIC, PARTITIONS)
        clients = _clients(plan, bootstrap, report.ledger, folder)
        producing = Producing(bootstrap, TOPIC, PARTITIONS, per_second=20 * PARTITIONS)
        migration = Migration(plan, clients, bootstrap, report)
        try:
            migration.begin()
            time.sleep(BUSY_S)
            migration.move_to(CONSUMER)
            migration.move_to(CLASSIC)
            producing.stop()
            _wait_for_all(report.ledger, producing)
        finally:
            producing.stop()
            clients.close()
        _judge(plan, report, producing)
    return report


def _clients(plan: Plan, bootstrap: str, ledger: Ledger, folder: Path) -> Clients:
    if plan.client == "java":
        log = folder / "members.log"
        return JavaMembers(kafka_home.build(VERSION), bootstrap, GROUP, TOPIC, ledger, log)
    return LibrdkafkaMembers(bootstrap, GROUP, TOPIC, ledger)


def _wait_for_all(ledger: Ledger, producing: Producing) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while ledger.missing(producing.ends) and time.monotonic() < deadline:
        time.sleep(0.05)


def _judge(plan: Plan, report: Report, producing: Producing) -> None:
    ledger = report.ledger
    report.violations += [f"lost: {each}" for each in ledger.missing(producing.ends)]
    report.violations += [f"two owners: {each}" for each in ledger.overlaps()]
    report.violations += [f"error: {each}" for each in ledger.errors]
    if producing.failed:
        report.violations.append(f"{producing.failed} records could not be produced")
    long = [step for step in report.steps if step.pause_s > plan.allowed_s]
    report.violations += [f"paused: {step}" for step in long]
    there, back = report.steps[2 * plan.members - 1], report.steps[-1]
    if (there.group_type, back.group_type) != (CONSUMER, CLASSIC):
        report.violations.append(f"it became {there.group_type}, then {back.group_type}")


def main() -> None:
    """Run a migration from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, default=Plan().members)
    parser.add_argument("--beat-ms", type=int, default=Plan().beat_ms)
    parser.add_argument("--client", choices=("java", "librdkafka"), default="java")
    parser.add_argument("--kafka", action="store_true", help="on Apache Kafka instead")
    given = parser.parse_args()
    plan = Plan(given.members, given.beat_ms, given.client, given.kafka)
    with tempfile.TemporaryDirectory(prefix="group-migration-") as folder:
        report = run(plan, Path(folder))
    for step in report.steps:
        print(f"{step.name}: {step.group_type}, longest pause {step.pause_s:.2f} s")
    deliveries, records = report.ledger.records()
    print(f"{records} records, delivered {deliveries} times")
    print(f"longest pause {report.longest_pause_s:.2f} s of {plan.allowed_s:.1f}")
    print("\n".join(report.violations[:20]) or "no violations")
    sys.exit(1 if report.violations else 0)


if __name__ == "__main__":
    main()

"""Members by the consumer protocol (KIP-848) that join and leave at random, under steady load.

    python compat-tests/group_campaign.py [--seconds 120] [--seed N] [--kafka]

Members are Java's and librdkafka's; there are 1, 3 or 20 at a time. No record may be lost, and no
partition may have two owners at a time: neither by the members' callbacks nor by what
ConsumerGroupDescribe says, in the assignments and in their targets.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
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

from kafkacompat_protocol.messages.consumer_group_describe import ConsumerGroupDescribeRequest
from tests.support.node import WireClient

TOPIC, GROUP, PARTITIONS = "campaign", "crowd", 24
SIZES = (1, 3, 20)
SETTINGS = {"group.protocol": "consumer"}


@dataclass(frozen=True, slots=True)
class Plan:
    """How long members come and go, and how it is chosen who."""

    seconds: float = 120
    seed: int = 1
    sizes: tuple[int, ...] = SIZES
    is_kafka: bool = False
    beat_ms: int = 1_000


@dataclass(slots=True)
class Report:
    """What happened, and what should not have."""

    ledger: Ledger = field(default_factory=Ledger)
    joined: Counter[str] = field(default_factory=Counter)
    """How many members joined, by client."""
    left: int = 0
    descriptions: int = 0
    epochs: set[int] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)


class Crowd:
    """Who is there."""

    def __init__(self, bootstrap: str, folder: Path, report: Report, chance: random.Random) -> None:
        home, log, ledger = kafka_home.build(VERSION), folder / "members.log", report.ledger
        self._clients: dict[str, JavaMembers | LibrdkafkaMembers] = {
            "java": JavaMembers(home, bootstrap, GROUP, TOPIC, ledger, log),
            "librdkafka": LibrdkafkaMembers(bootstrap, GROUP, TOPIC, ledger),
        }
        self._report, self._chance = report, chance
        self.members: list[tuple[str, str]] = []

    def join(self) -> None:
        """One more joins."""
        client = self._chance.choice(list(self._clients))
        name = f"{client}-{self._report.joined[client]}"
        self._report.joined[client] += 1
        self._clients[client].join(name, SETTINGS)
        self.members.append((client, name))

    def leave(self) -> None:
        """Anyone leaves."""
        client, name = self.members.pop(self._chance.randrange(len(self.members)))
        self._report.left += 1
        self._clients[client].leave(name)

    def close(self) -> None:
        """All leave."""
        for client in self._clients.values():
            client.close()


def run(plan: Plan, folder: Path) -> Report:
    """Run it, in a folder of its own."""
    report = Report()
    chance = random.Random(plan.seed)
    with group_broker(folder, plan.beat_ms, is_kafka=plan.is_kafka) as bootstrap:
        make_topic(bootstrap, TOPIC, PARTITIONS)
        crowd = Crowd(bootstrap, folder, report, chance)
        producing = Producing(bootstrap, TOPIC, PARTITIONS, per_second=200)
        try:
            _churn(plan, crowd, bootstrap, report, chance)
            producing.stop()
            _wait(lambda: not report.ledger.missing(producing.ends))
            _wait(lambda: _is_spread(crowd, report))
            _judge_end(crowd, report, bootstrap)
        finally:
            producing.stop()
            crowd.close()
        _judge(report, producing)
    return report


def _churn(plan: Plan, crowd: Crowd, bootstrap: str, report: Report, chance: random.Random) -> None:
    """Let members come and go until time is up."""
    until = time.monotonic() + plan.seconds
    wanted, change_at = plan.sizes[0], 0.0
    crowd.join()
    with closing(WireClient(address_of(bootstrap))) as client:
        while time.monotonic() < until:
            if time.monotonic() > change_at:
                wanted = chance.choice(plan.sizes)
                change_at = time.monotonic() + chance.uniform(4, 12)
            if len(crowd.members) < wanted:
                crowd.join()
            elif len(crowd.members) > wanted:
                crowd.leave()
            elif chance.random() < 0.3:
                crowd.join()
                crowd.leave()
            pause_until = time.monotonic() + chance.uniform(0.05, 0.6)
            while time.monotonic() < pause_until:
                _describe(client, report)
                time.sleep(0.05)


def _describe(client: WireClient, report: Report) -> dict[str, int]:
    """Look at the group; return its members' epochs."""
    request = ConsumerGroupDescribeRequest(group_ids=[GROUP], include_authorized_operations=False)
    (group,) = client.call(request, 1).groups
    report.descriptions += 1
    report.epochs.add(group.group_epoch)
    for what in ("assignment", "target_assignment"):
        held = Counter(
            (topic.topic_name, index)
            for member in group.members
            for topic in getattr(member, what).topic_partitions
            for index in topic.partitions
        )
        twice = sorted(place for place, count in held.items() if count > 1)
        if twice:
            report.violations.append(f"epoch {group.group_epoch}: {what} of {twice} is given twice")
    return {member.member_id: member.member_epoch for member in group.members}


def _wait(condition: Callable[[], bool]) -> None:
    """Wait until something is true; what is missing then is judged by others."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)


def _is_spread(crowd: Crowd, report: Report) -> bool:
    """Whether those who stayed own everything, as evenly as can be."""
    owners = report.ledger.owners()
    counts = Counter(name for names in owners.values() for name in names)
    names = [name for _, name in crowd.members]
    least, more = divmod(PARTITIONS, len(names))
    most = least + (1 if more else 0)
    return all(len(owners.get(index, [])) == 1 for index in range(PARTITIONS)) and all(
        least <= counts[name] <= most for name in names
    )


def _judge_end(crowd: Crowd, report: Report, bootstrap: str) -> None:
    """The group stands still: all are in it, at the same epoch."""
    if not _is_spread(crowd, report):
        report.violations.append(f"not evenly spread in the end: {report.ledger.owners()}")
    with closing(WireClient(address_of(bootstrap))) as client:
        _wait(lambda: _is_one_epoch(client, crowd, report))
        if not _is_one_epoch(client, crowd, report):
            report.violations.append(f"the end: members have {_describe(client, report)}")


def _is_one_epoch(client: WireClient, crowd: Crowd, report: Report) -> bool:
    epochs = _describe(client, report)
    return len(epochs) == len(crowd.members) and len(set(epochs.values())) == 1


def _judge(report: Report, producing: Producing) -> None:
    ledger = report.ledger
    report.violations += [f"lost: {each}" for each in ledger.missing(producing.ends)]
    report.violations += [f"two owners: {each}" for each in ledger.overlaps()]
    report.violations += [f"error: {each}" for each in ledger.errors]
    if producing.failed:
        report.violations.append(f"{producing.failed} records could not be produced")


def main() -> None:
    """Run a campaign from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=Plan().seconds)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kafka", action="store_true", help="on Apache Kafka instead")
    given = parser.parse_args()
    plan = Plan(seconds=given.seconds, seed=given.seed, is_kafka=given.kafka)
    with tempfile.TemporaryDirectory(prefix="group-campaign-") as folder:
        report = run(plan, Path(folder))
    deliveries, records = report.ledger.records()
    print(
        f"{plan.seconds:.0f} s, joined {dict(report.joined)}, left {report.left}; "
        f"{records} records, delivered {deliveries} times; {report.ledger.assigned} assignments; "
        f"{report.descriptions} descriptions, {len(report.epochs)} epochs"
    )
    print("\n".join(report.violations[:20]) or "no violations")
    sys.exit(1 if report.violations else 0)


if __name__ == "__main__":
    main()

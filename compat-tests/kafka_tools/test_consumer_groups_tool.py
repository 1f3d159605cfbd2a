"""kafka-consumer-groups.sh says the same of Apache Kafka and of this broker, whatever is asked.

The same groups are made on both, then every command is run against both, in order. Ids and the
ports are masked; the lines of an answer may come in any order.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from java_commands import GROUPS, JavaCommands, answers
from kafka_tools.sides import Reasons, home, judge, subject, unlike

pytestmark = pytest.mark.java

DEADLINE_S = 60
START_MS = 1_672_531_200_000
"""2023-01-01T00:00:00Z: the first record's timestamp; one comes each second."""
SETTINGS = {
    "offsets.topic.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    "transaction.state.log.num.partitions": "2",
}
RESET = ("--reset-offsets", "--group", "idle")
ALL = (*RESET, "--all-topics")
CLOSED = ("--describe", "--group", "idle")
COMMANDS: tuple[tuple[str, ...], ...] = (
    # list
    ("--list",),
    ("--list", "--state"),
    ("--list", "--state", "stable"),
    ("--list", "--state", "Empty,Dead"),
    ("--list", "--state", "nonsense"),
    ("--list", "--type"),
    ("--list", "--type", "classic"),
    ("--list", "--type", "consumer"),
    ("--list", "--state", "--type"),
    ("--list", "--type", "classic", "--state", "Empty"),
    # describe
    ("--describe", "--group", "busy"),
    ("--describe", "--group", "busy", "--offsets", "--verbose"),
    ("--describe", "--group", "busy", "--members"),
    ("--describe", "--group", "busy", "--members", "--verbose"),
    ("--describe", "--group", "busy", "--state"),
    ("--describe", "--group", "busy", "--state", "--verbose"),
    CLOSED,
    (*CLOSED, "--offsets", "--verbose"),
    (*CLOSED, "--members"),
    (*CLOSED, "--state"),
    ("--describe", "--group", "simple"),
    ("--describe", "--group", "simple", "--members"),
    ("--describe", "--group", "simple", "--state"),
    ("--describe", "--group", "unheard-of"),
    ("--describe", "--group", "unheard-of", "--members"),
    ("--describe", "--group", "unheard-of", "--state"),
    ("--describe", "--all-groups"),
    ("--describe", "--all-groups", "--members"),
    ("--describe", "--all-groups", "--state"),
    ("--describe", "--group", "idle", "--group", "busy", "--state"),
    # reset: what may not be
    ("--reset-offsets", "--group", "busy", "--all-topics", "--to-earliest", "--execute"),
    (*RESET, "--to-earliest", "--dry-run"),
    (*RESET, "--topic", "missing", "--to-earliest", "--dry-run"),
    (*RESET, "--topic", "a:9", "--to-earliest", "--dry-run"),
    (*ALL, "--to-earliest", "--to-latest"),
    # reset: each way
    (*ALL, "--to-earliest"),
    (*ALL, "--to-earliest", "--dry-run", "--export"),
    (*ALL, "--to-latest", "--execute"),
    CLOSED,
    (*ALL, "--shift-by", "-2", "--execute"),
    (*ALL, "--shift-by", "-1000", "--execute"),
    (*ALL, "--shift-by", "3", "--execute"),
    (*ALL, "--shift-by", "1000", "--dry-run"),
    (*ALL, "--to-current", "--execute"),
    (*ALL, "--to-offset", "4", "--execute"),
    (*ALL, "--to-offset", "4000", "--execute"),
    (*RESET, "--topic", "a:0,2", "--to-offset", "1", "--execute"),
    (*RESET, "--topic", "a:1", "--topic", "b", "--to-offset", "2", "--execute"),
    CLOSED,
    (*ALL, "--to-datetime", "2023-01-01T00:00:03.000Z", "--execute"),
    (*ALL, "--to-datetime", "2022-01-01T00:00:00.000Z", "--dry-run"),
    (*ALL, "--to-datetime", "2024-01-01T00:00:00.000+01:00", "--dry-run"),
    (*ALL, "--to-datetime", "yesterday", "--dry-run"),
    (*ALL, "--by-duration", "P1D", "--execute"),
    (*ALL, "--by-duration", "P20000D", "--execute"),
    (*ALL, "--by-duration", "soon", "--dry-run"),
    (*RESET, "--from-file", "{one}", "--dry-run"),
    (*RESET, "--from-file", "{one}", "--execute"),
    (*RESET, "--from-file", "{one}", "--execute", "--export"),
    (*RESET, "--group", "simple", "--from-file", "{several}", "--execute"),
    (*RESET, "--from-file", "{broken}", "--execute"),
    ("--reset-offsets", "--all-groups", "--all-topics", "--to-current", "--dry-run"),
    ("--reset-offsets", "--group", "made", "--topic", "b", "--to-latest", "--execute"),
    ("--describe", "--group", "made"),
    ("--reset-offsets", "--group", "never", "--all-topics", "--to-latest", "--dry-run"),
    ("--describe", "--all-groups"),
    # delete offsets
    ("--delete-offsets", "--group", "idle", "--topic", "b"),
    ("--delete-offsets", "--group", "idle", "--topic", "a:0,1"),
    ("--delete-offsets", "--group", "idle", "--topic", "a:7"),
    ("--delete-offsets", "--group", "idle", "--topic", "missing"),
    ("--delete-offsets", "--group", "busy", "--topic", "a"),
    ("--delete-offsets", "--group", "busy", "--topic", "b"),
    ("--delete-offsets", "--group", "unheard-of", "--topic", "a"),
    CLOSED,
    # delete groups
    ("--delete", "--group", "busy"),
    ("--delete", "--group", "simple", "--group", "busy", "--group", "unheard-of"),
    ("--delete", "--group", "unheard-of"),
    ("--delete", "--group", "idle", "--group", "made"),
    ("--list", "--state"),
    CLOSED,
    ("--delete", "--all-groups"),
    ("--validate-regex", "a.*b"),
    ("--validate-regex", "a(b"),
)
REASONS: Reasons = {}


@contextmanager
def with_groups(bootstrap: str) -> Iterator[None]:
    """Make topics and groups; two members of the group `busy` stay."""
    make_topics(bootstrap)
    with ExitStack() as stack:
        members = []
        for _ in range(2):
            member = consumer(bootstrap, "busy")
            stack.callback(member.close)
            member.subscribe(["a"])
            members.append(member)
        wait_for_assignment(members, 3)
        members[0].commit(offsets=[TopicPartition("b", 0, 1)], asynchronous=False)
        for member in members:
            owned = [TopicPartition(p.topic, p.partition, 2) for p in member.assignment()]
            member.commit(offsets=owned, asynchronous=False)
        idle = consumer(bootstrap, "idle")
        idle.subscribe(["a", "b"])
        wait_for_assignment([idle], 4)
        owned = [TopicPartition(p.topic, p.partition, 3) for p in idle.assignment()]
        idle.commit(offsets=owned, asynchronous=False)
        idle.close()
        simple = consumer(bootstrap, "simple")
        simple.assign([TopicPartition("a", 1)])
        simple.commit(offsets=[TopicPartition("a", 1, 5)], asynchronous=False)
        simple.close()
        yield


def consumer(bootstrap: str, group_id: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group_id,
            "client.id": "c",
            "enable.auto.commit": False,
            "partition.assignment.strategy": "range",
        }
    )


def wait_for_assignment(members: list[Consumer], partitions: int) -> None:
    """Poll until the members have all partitions, each at least one."""
    give_up = time.monotonic() + DEADLINE_S
    while True:
        for member in members:
            member.poll(0.1)
        owned = [len(member.assignment()) for member in members]
        if sum(owned) == partitions and all(owned):
            return
        assert time.monotonic() < give_up, f"assigned: {owned}"


def make_topics(bootstrap: str) -> None:
    """Make a with 3 partitions of 6 records each, and b with one of 4."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    topics = [
        NewTopic(name, partitions, 1, config={"retention.ms": "-1"})
        for name, partitions in (("a", 3), ("b", 1))
    ]
    for made in admin.create_topics(topics).values():
        made.result()
    producer = Producer({"bootstrap.servers": bootstrap})
    for topic, partitions, records in (("a", 3, 6), ("b", 1, 4)):
        for partition in range(partitions):
            for index in range(records):
                at_ms = START_MS + index * 1_000
                producer.produce(topic, b"x", partition=partition, timestamp=at_ms)
    assert producer.flush(DEADLINE_S) == 0


def test_every_command_about_consumer_groups_says_the_same(tmp_path: Path) -> None:
    files = {name: str(tmp_path / f"{name}.csv") for name in ("one", "several", "broken")}
    Path(files["one"]).write_text("a,0,1\na,2,6\nb,0,0\n")
    Path(files["several"]).write_text("idle,a,1,2\nsimple,a,1,0\n")
    Path(files["broken"]).write_text("not a line of these\n")
    commands = [tuple(part.format(**files) for part in command) for command in COMMANDS]
    with JavaCommands(home()) as tools:
        with judge(tmp_path / "kafka", SETTINGS) as side, with_groups(side.bootstrap):
            expected = answers(tools, GROUPS, commands, side.bootstrap)
        with subject(tmp_path / "subject", SETTINGS) as side, with_groups(side.bootstrap):
            found = answers(tools, GROUPS, commands, side.bootstrap)

    assert unlike(COMMANDS, expected, found, REASONS) == []
    assert sum(any("Error" in line for line in lines) for lines in found) > 0

"""kafka-share-groups.sh says the same of Apache Kafka and of this broker.

On both a console share consumer reads what is produced, in two groups; one of them then goes.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from java_commands import SHARE_GROUPS, JavaCommands, answers
from kafka_tools.sides import IS_4, home, judge, subject, unlike
from share_consumer import DEADLINE_S, ShareConsumer, wait_until

pytestmark = [
    pytest.mark.java,
    pytest.mark.skipif(not IS_4, reason="share groups came with Kafka 4"),
]

SETTINGS = {
    "offsets.topic.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "4",
}
PARTITIONS, RECORDS = 3, 4
START = re.compile(r"^((busy|idle) +t +\d+ +)\d+")
NUMBER = re.compile(r"(?<= )\d+(?= |$)")
RESET = ("--reset-offsets", "--group", "idle")
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("--list",),
    ("--list", "--state"),
    ("--list", "--state", "stable"),
    ("--list", "--state", "empty,dead"),
    ("--describe", "--group", "busy"),
    ("--describe", "--group", "busy", "--offsets", "--verbose"),
    ("--describe", "--group", "busy", "--members"),
    ("--describe", "--group", "busy", "--members", "--verbose"),
    ("--describe", "--group", "busy", "--state"),
    ("--describe", "--group", "busy", "--state", "--verbose"),
    ("--describe", "--group", "idle"),
    ("--describe", "--group", "idle", "--members"),
    ("--describe", "--group", "idle", "--state", "--verbose"),
    ("--describe", "--group", "unheard-of"),
    ("--describe", "--group", "unheard-of", "--members"),
    ("--describe", "--group", "unheard-of", "--state"),
    ("--describe", "--all-groups", "--state"),
    ("--reset-offsets", "--group", "busy", "--all-topics", "--to-earliest", "--execute"),
    ("--reset-offsets", "--group", "unheard-of", "--topic", "t", "--to-earliest", "--execute"),
    (*RESET, "--all-topics", "--to-earliest", "--dry-run"),
    (*RESET, "--topic", "t", "--to-earliest", "--execute"),
    ("--describe", "--group", "idle"),
    (*RESET, "--topic", "t", "--to-latest", "--execute"),
    (*RESET, "--topic", "other", "--to-latest", "--execute"),
    (*RESET, "--topic", "missing", "--to-latest", "--execute"),
    (*RESET, "--topic", "t", "--to-datetime", "2023-01-01T00:00:00.000", "--execute"),
    ("--describe", "--group", "idle"),
    ("--delete-offsets", "--group", "busy", "--topic", "t"),
    ("--delete-offsets", "--group", "idle", "--topic", "other"),
    ("--delete-offsets", "--group", "idle", "--topic", "other"),
    ("--delete-offsets", "--group", "idle", "--topic", "missing"),
    ("--delete-offsets", "--group", "unheard-of", "--topic", "t"),
    ("--describe", "--group", "idle"),
    ("--delete", "--group", "busy"),
    ("--describe", "--group", "unheard-of"),
    ("--delete", "--group", "unheard-of"),
    ("--delete", "--group", "never"),
    ("--delete", "--group", "idle"),
    ("--list", "--state"),
    ("--describe", "--group", "idle"),
)


@contextmanager
def with_groups(tools: JavaCommands, home: Path, bootstrap: str, scratch: Path) -> Iterator[None]:
    """Make a topic and two groups that have read all of it; a member of `busy` stays."""
    values = make_topics(bootstrap)

    def says(*command: str) -> str:
        return tools.run(SHARE_GROUPS, *command, "--bootstrap-server", bootstrap)

    def is_assigned(group_id: str) -> bool:
        return "t:0,1,2" in says("--describe", "--group", group_id, "--members")

    def has_acknowledged(group_id: str) -> bool:
        rows = [line.split() for line in says("--describe", "--group", group_id).splitlines()]
        return [row[4] for row in rows if row[:2] == [group_id, "t"]] == ["0"] * PARTITIONS

    with ExitStack() as stack:
        for group_id in ("busy", "idle"):
            # A group can begin with the first record only when it is there and empty.
            founder = ShareConsumer(home, bootstrap, group_id, scratch / "founder.out")
            stack.callback(founder.stop)
            wait_until(partial(is_assigned, group_id), f"{group_id} is assigned")
            founder.stop()
            says(
                "--reset-offsets", "--group", group_id, "--topic", "t", "--to-earliest", "--execute"
            )
            member = ShareConsumer(home, bootstrap, group_id, scratch / f"{group_id}.out")
            stack.callback(member.stop)
            wait_until(partial(member.has_printed, values), f"{group_id} has read all")
            wait_until(partial(has_acknowledged, group_id), f"{group_id} has acknowledged")
        member.stop()
        yield


def make_topics(bootstrap: str) -> list[str]:
    """Make the topics and the records of one; return these."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    topics = [NewTopic("t", PARTITIONS, 1), NewTopic("other", 1, 1)]
    for made in admin.create_topics(topics).values():
        made.result()
    values = [f"v{number % PARTITIONS}{number}" for number in range(PARTITIONS * RECORDS)]
    producer = Producer({"bootstrap.servers": bootstrap})
    for value in values:
        producer.produce("t", value.encode(), partition=int(value[1]))
    assert producer.flush(DEADLINE_S) == 0
    return values


def comparable(found: list[list[str]]) -> list[list[str]]:
    """Return answers without what depends on when something was written.

    Before a reset, Kafka's START-OFFSET may be behind records that are acknowledged already. Its
    epochs count the initialisation of share-partitions, which we do without.
    """
    until = next(index for index, command in enumerate(COMMANDS) if "--execute" in command)
    masked = []
    for index, (command, lines) in enumerate(zip(COMMANDS, found, strict=True)):
        if "--verbose" in command:
            masked.append([NUMBER.sub("<n>", line) for line in lines])
        else:
            masked.append([START.sub(r"\1<start>", x) for x in lines] if index < until else lines)
    return masked


def test_every_command_about_share_groups_says_the_same(tmp_path: Path) -> None:
    found = []
    with JavaCommands(home()) as tools:
        for run in (judge, subject):
            scratch = tmp_path / run.__name__
            with (
                run(scratch, SETTINGS) as side,
                with_groups(tools, home(), side.bootstrap, scratch),
            ):
                found.append(comparable(answers(tools, SHARE_GROUPS, COMMANDS, side.bootstrap)))

    assert unlike(COMMANDS, found[0], found[1], {}) == []

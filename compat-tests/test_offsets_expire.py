"""Offsets and groups expire here as in Apache Kafka: the same groups on both, a minute later.

`offsets.retention.minutes` is a minute at least, so this test takes more than that.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from broker_process import BrokerProcess
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from java_commands import GROUPS, JavaCommands, answers, differing

from tests.support.toolchains import kafka_home_module, require_kafka_home

pytestmark = pytest.mark.java

DEADLINE_S = 120
SETTINGS = {
    "offsets.retention.minutes": "1",
    "offsets.retention.check.interval.ms": "500",
    "offsets.topic.num.partitions": "3",
    "group.initial.rebalance.delay.ms": "0",
}
COMMANDS = [
    ("--list", "--state"),
    *(("--describe", "--group", group_id) for group_id in ("busy", "left", "simple", "fresh")),
]


def consumer(bootstrap: str, group_id: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group_id,
            "client.id": "c",
            "enable.auto.commit": False,
        }
    )


def commit(member: Consumer, *topics: str) -> None:
    offsets = [TopicPartition(topic, 0, 0) for topic in topics]
    member.commit(offsets=offsets, asynchronous=False)


def joined(bootstrap: str, group_id: str) -> Consumer:
    """Return the only member of a group, which subscribes to `a` and committed for two topics."""
    member = consumer(bootstrap, group_id)
    member.subscribe(["a"])
    give_up = time.monotonic() + DEADLINE_S
    while not member.assignment():
        member.poll(0.1)
        assert time.monotonic() < give_up, "it is not assigned"
    commit(member, "a", "b")
    return member


@contextmanager
def with_groups(bootstrap: str) -> Iterator[None]:
    """Make three groups; the member of `busy` stays."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for made in admin.create_topics([NewTopic("a", 1, 1), NewTopic("b", 1, 1)]).values():
        made.result()
    simple = consumer(bootstrap, "simple")
    commit(simple, "a")
    simple.close()
    joined(bootstrap, "left").close()
    with ExitStack() as stack:
        stack.callback(joined(bootstrap, "busy").close)
        yield


def groups(bootstrap: str) -> set[str]:
    admin = AdminClient({"bootstrap.servers": bootstrap})  # must outlive its answer
    listed = admin.list_consumer_groups().result()
    assert not listed.errors
    return {group.group_id for group in listed.valid}


def test_what_is_over_is_over_on_both(tmp_path: Path) -> None:
    home = require_kafka_home("4.3.1")
    arguments = [part for pair in SETTINGS.items() for part in ("-c", "=".join(pair))]
    ours = BrokerProcess(tmp_path / "ours", memory=True, arguments=arguments).start()
    try:
        with (
            JavaCommands(home) as tools,
            kafka_home_module().running_broker(home, tmp_path, settings=SETTINGS) as kafka,
            with_groups(ours.bootstrap),
            with_groups(kafka.bootstrap),
        ):
            begun = time.monotonic()
            both = (ours.bootstrap, kafka.bootstrap)
            assert groups(both[0]) == groups(both[1]) == {"busy", "left", "simple"}
            give_up = begun + DEADLINE_S
            while any(groups(bootstrap) != {"busy"} for bootstrap in both):
                assert time.monotonic() < give_up, [groups(bootstrap) for bootstrap in both]
                time.sleep(0.5)
            assert time.monotonic() - begun > 50
            for bootstrap in both:
                fresh = consumer(bootstrap, "fresh")
                commit(fresh, "b")
                fresh.close()
            found, expected = (answers(tools, GROUPS, COMMANDS, each) for each in both)
    finally:
        ours.stop()

    assert differing(COMMANDS, expected, found) == []
    assert not any(" b " in line for line in found[1]), "busy does not subscribe to b"

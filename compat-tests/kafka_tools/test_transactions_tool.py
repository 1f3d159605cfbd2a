"""kafka-transactions.sh says the same of Apache Kafka and of this broker, whatever is asked.

The same transactions are made on both, then every command is run against both, in order. Two of
them hang: the broker forgets who made them, as `__transaction_state` is removed while it is
stopped. Columns of ids and times are masked; the lines of an answer may come in any order.
"""

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from java_commands import TRANSACTIONS, JavaCommands, masked_lines
from kafka_tools.sides import Reasons, home, judge, subject, unlike

from kafkacompat_protocol.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersRequestTopic,
)
from kafkacompat_protocol.messages.describe_transactions import DescribeTransactionsRequest
from tests.support.node import WireClient

pytestmark = pytest.mark.java

DEADLINE_S = 60
SETTINGS = {
    "offsets.topic.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    "transaction.state.log.num.partitions": "2",
    "num.partitions": "2",
}
MASKED_COLUMNS = {
    "ProducerId",
    "LatestCoordinatorEpoch",  # Kafka's counts how often a leader was elected.
    "LastTimestamp",
    "CurrentTransactionStartTimeMs",
    "TransactionDurationMs",
    "StartTimestamp",
    "Duration(min)",
}
TIMED_OUT = re.compile(
    r"Call\(callName=describeProducers.* timed out at \d+ after \d+ attempt\(s\)"
    r"|Timed out waiting for a node assignment. Call: describeProducers\(api=METADATA\)"
)
"""What the admin client says, depending on what it was just about when its time was up."""
LIST, DESCRIBE, PRODUCERS = ("list",), ("describe", "--transactional-id"), ("describe-producers",)
HANGING, ABORT = ("find-hanging",), ("abort", "--topic")
TERMINATE = ("forceTerminateTransaction", "--transactionalId")
COMMANDS: tuple[tuple[str, ...], ...] = (
    (),
    ("nonsense",),
    # list
    LIST,
    (*LIST, "--duration-filter", "-1"),
    (*LIST, "--duration-filter", "0"),
    (*LIST, "--duration-filter", "3600000"),
    (*LIST, "--duration-filter", "soon"),
    (*LIST, "--transactional-id-pattern", "done.*"),
    (*LIST, "--transactional-id-pattern", "one"),
    (*LIST, "--transactional-id-pattern", "done-(abort|commit)"),
    (*LIST, "--transactional-id-pattern", "(done"),
    (*LIST, "--transactional-id-pattern", "o.*", "--duration-filter", "0"),
    # describe
    *((*DESCRIBE, name) for name in ("open", "done-commit", "done-abort", "idle", "offsets")),
    (*DESCRIBE, "unheard-of"),
    ("describe",),
    # describe-producers
    (*PRODUCERS, "--topic", "live", "--partition", "0"),
    (*PRODUCERS, "--topic", "live", "--partition", "1"),
    (*PRODUCERS, "--topic", "live", "--partition", "1", "--broker-id", "1"),
    (*PRODUCERS, "--topic", "live", "--partition", "1", "--broker-id", "9"),
    (*PRODUCERS, "--topic", "stuck", "--partition", "0"),
    (*PRODUCERS, "--topic", "stuck", "--partition", "9"),
    (*PRODUCERS, "--topic", "missing", "--partition", "0"),
    (*PRODUCERS, "--topic", "live"),
    # find-hanging
    HANGING,
    (*HANGING, "--topic", "stuck"),
    (*HANGING, "--topic", "stuck", "--max-transaction-timeout", "0"),
    (*HANGING, "--topic", "stuck", "--partition", "1", "--max-transaction-timeout", "0"),
    (*HANGING, "--topic", "live", "--max-transaction-timeout", "0"),
    (*HANGING, "--topic", "missing"),
    (*HANGING, "--partition", "0"),
    (*HANGING, "--broker-id", "1"),
    (*HANGING, "--broker-id", "1", "--max-transaction-timeout", "0"),
    (*HANGING, "--broker-id", "1", "--max-transaction-timeout", "100000000"),
    (*HANGING, "--broker-id", "9"),
    (*HANGING, "--broker-id", "1", "--max-transaction-timeout", "long"),
    # abort
    (*ABORT, "stuck", "--partition", "0"),
    (*ABORT, "stuck", "--partition", "0", "--start-offset", "1"),
    (*ABORT, "stuck", "--partition", "0", "--start-offset", "0"),
    (*ABORT, "stuck", "--partition", "0", "--start-offset", "0"),
    (*PRODUCERS, "--topic", "stuck", "--partition", "0"),
    (*ABORT, "stuck", "--partition", "1", "--producer-id", "{stuck}"),
    (*ABORT, "stuck", "--partition", "1", "--producer-id", "{stuck}", "--producer-epoch", "0"),
    (
        *(*ABORT, "stuck", "--partition", "1", "--producer-id", "{stuck}"),
        *("--producer-epoch", "0", "--coordinator-epoch", "0"),
    ),
    (*PRODUCERS, "--topic", "stuck", "--partition", "1"),
    (*ABORT, "stuck", "--partition", "9", "--start-offset", "0"),
    (*ABORT, "missing", "--partition", "0", "--start-offset", "0"),
    (*HANGING, "--broker-id", "1", "--max-transaction-timeout", "0"),
    (*ABORT, "live", "--partition", "0", "--start-offset", "4"),
    (*PRODUCERS, "--topic", "live", "--partition", "0"),
    # forceTerminateTransaction
    ("forceTerminateTransaction",),
    (*TERMINATE, "open"),
    (*TERMINATE, "offsets"),
    (*TERMINATE, "done-commit"),
    (*TERMINATE, "unheard-of"),
    LIST,
    (*DESCRIBE, "open"),
    (*PRODUCERS, "--topic", "live", "--partition", "1"),
    HANGING,
)
REASONS: Reasons = {}
WAITED_FOR = {"9", "missing"}
"""Brokers, partitions and topics that the tool hopes will still come: it gives up a minute later.

Where a command names one of them, we have it give up at once.
"""
IMPATIENT = "default.api.timeout.ms=1000\nrequest.timeout.ms=1000\n"


def producer(bootstrap: str, transactional_id: str) -> Producer:
    made = Producer(
        {
            "bootstrap.servers": bootstrap,
            "transactional.id": transactional_id,
            "transaction.timeout.ms": 600_000,
            "log_level": 0,
        }
    )
    made.init_transactions(DEADLINE_S)
    return made


def begin(bootstrap: str, transactional_id: str, topic: str) -> Producer:
    """Send a record to both partitions of a topic, in a transaction that stays open."""
    made = producer(bootstrap, transactional_id)
    made.begin_transaction()
    for partition in (0, 1):
        made.produce(topic, b"x", partition=partition)
    assert made.flush(DEADLINE_S) == 0
    return made


def begin_what_will_hang(bootstrap: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    topics = [NewTopic(name, 2, 1, config={"retention.ms": "-1"}) for name in ("live", "stuck")]
    for made in admin.create_topics(topics).values():
        made.result()
    begin(bootstrap, "forgotten", "stuck")


@contextmanager
def with_transactions(bootstrap: str) -> Iterator[None]:
    """Make a transaction in each state; those that are open stay so."""
    begin(bootstrap, "done-commit", "live").commit_transaction(DEADLINE_S)
    wait_for(bootstrap, "done-commit", "CompleteCommit")
    begin(bootstrap, "done-abort", "live").abort_transaction(DEADLINE_S)
    wait_for(bootstrap, "done-abort", "CompleteAbort")
    kept = [producer(bootstrap, "idle"), begin(bootstrap, "open", "live")]
    group = Consumer({"bootstrap.servers": bootstrap, "group.id": "g", "log_level": 0})
    offsets = producer(bootstrap, "offsets")
    offsets.begin_transaction()
    offsets.send_offsets_to_transaction(
        [TopicPartition("live", 0, 1)], group.consumer_group_metadata(), DEADLINE_S
    )
    yield
    group.close()
    del kept, offsets


def wait_for(bootstrap: str, transactional_id: str, state: str) -> None:
    client = WireClient(("127.0.0.1", int(bootstrap.rpartition(":")[2])))
    request = DescribeTransactionsRequest(transactional_ids=[transactional_id])
    give_up = time.monotonic() + DEADLINE_S
    while client.call(request, 0).transaction_states[0].transaction_state != state:
        assert time.monotonic() < give_up
    client.socket.close()


def producer_of(bootstrap: str, topic: str, partition: int) -> str:
    """Return the id of the only producer of a partition."""
    client = WireClient(("127.0.0.1", int(bootstrap.rpartition(":")[2])))
    asked = DescribeProducersRequestTopic(name=topic, partition_indexes=[partition])
    (found,) = client.call(DescribeProducersRequest(topics=[asked]), 0).topics
    client.socket.close()
    (state,) = found.partitions[0].active_producers
    return str(state.producer_id)


def answers(tools: JavaCommands, bootstrap: str, impatient: Path) -> list[list[str]]:
    """Return what every command prints, masked, its lines in order."""
    stuck = producer_of(bootstrap, "stuck", 1)
    found = []
    for command in COMMANDS:
        arguments = [each.format(stuck=stuck) if "{" in each else each for each in command]
        options = ["--bootstrap-server", bootstrap]
        if WAITED_FOR & set(command):
            options += ["--command-config", str(impatient)]
        text = TIMED_OUT.sub("<timed out>", tools.run(TRANSACTIONS, *options, *arguments))
        found.append(masked_lines(masked_columns(text)))
    return found


def masked_columns(text: str) -> str:
    """Replace what differs between runs in a table, whose first line names its columns."""
    lines = text.splitlines()
    names = lines[0].split() if lines else []
    masked = [at for at, name in enumerate(names) if name in MASKED_COLUMNS]
    for number, line in enumerate(lines[1:] if masked else [], 1):
        cells = line.split()
        for at in masked:
            if len(cells) > at and cells[at].isdigit():
                cells[at] = f"<{names[at]}>"
        lines[number] = " ".join(",".join(sorted(cell.split(","))) for cell in cells)
    return "\n".join(lines)


def forget_transactions(logs: Path) -> None:
    folders = list(logs.glob("__transaction_state-*"))
    assert folders
    for folder in folders:
        shutil.rmtree(folder)


def test_every_command_about_transactions_says_the_same(tmp_path: Path) -> None:
    impatient = tmp_path / "impatient"
    impatient.write_text(IMPATIENT)
    found = []
    with JavaCommands(home()) as tools:
        for run in (judge, subject):
            folder = tmp_path / run.__name__
            with run(folder, SETTINGS) as side:
                begin_what_will_hang(side.bootstrap)
            forget_transactions(side.dirs[0])
            with run(folder, SETTINGS) as side, with_transactions(side.bootstrap):
                found.append(answers(tools, side.bootstrap, impatient))

    assert unlike(COMMANDS, found[0], found[1], REASONS) == []

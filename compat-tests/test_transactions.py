"""Transactions of everybody's clients, while two clients of others read what is committed.

Each test writes topics of its own; the readers read all of them all the time, and note every
record that comes before its transaction may have been committed.
"""

from collections.abc import Iterator

import pytest
from transactors import PARTITIONS, READERS, Refused, Stage, stage

TOPICS = ("commit", "abort", "input", "output", "fence", "timeout", "epochs")
TIMEOUT_MS = 30_000
FENCED = {
    "java": {"ProducerFencedException", "InvalidProducerEpochException"},
    "confluent_kafka": {"_FENCED"},
    "kafka_python_3": {"ProducerFencedError", "InvalidProducerEpochError"},
    "aiokafka": {"ProducerFenced"},
    "franz_go": {"PRODUCER_FENCED", "INVALID_PRODUCER_EPOCH"},
}
"""What a client says when another one has taken its transactional id."""
TIMED_OUT = {
    "java": ("InvalidTxnStateException", "open again"),
    "confluent_kafka": ("_FENCED", "open again"),
    "kafka_python_3": ("ProducerFencedError", "open again"),
    "aiokafka": ("ProducerFenced", "open again"),
    "franz_go": ("INVALID_TXN_STATE", "open again"),
}
"""What a commit of a transaction that the broker has aborted says, and how the client goes on.

Each is the same with Apache Kafka 4.3.1.
"""
SECOND_VERSION = {"java", "franz_go"}
"""Clients that use version 2 of transactions: an epoch for each (KIP-890)."""


@pytest.fixture(scope="module", params=READERS)
def clients(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    with stage(request.param, tmp_path_factory.mktemp(request.param), TOPICS) as running:
        yield running


class Story:
    """One topic, and what of it is committed."""

    def __init__(self, on: Stage, topic: str) -> None:
        self.on = on
        self.topic = topic
        self.committed: list[list[str]] = [[] for _ in range(PARTITIONS)]
        self.tell = on.transactor.tell

    def open(self, name: str, *, timeout_ms: int = TIMEOUT_MS, reading: str = "") -> None:
        """Open a producer; one that reads an input topic is in a group of the id's name."""
        group = self.topic if reading else ""
        self.tell("open", name, f"txn-{self.topic}", timeout_ms, group, reading)

    def write(self, name: str, label: str, count: int = 2) -> list[list[str]]:
        """Begin, and send so many records to each partition. Return what was sent."""
        self.tell("begin", name)
        sent: list[list[str]] = []
        for partition in range(PARTITIONS):
            sent.append([f"{self.topic} {label} {partition}-{n}" for n in range(count)])
            for value in sent[-1]:
                self.tell("send", name, self.topic, partition, value)
        return sent

    def commit(self, name: str, sent: list[list[str]]) -> None:
        """Commit: from now on, what was sent may be seen."""
        for rows, values in zip(self.committed, sent, strict=True):
            self.on.allowed.update(values)
            rows += values
        self.tell("commit", name)

    def refused(self, action: str, name: str) -> str:
        """Return the name of the error that an action must end with."""
        with pytest.raises(Refused) as error:
            self.tell(action, name)
        return str(error.value.args[0])

    def see(self) -> None:
        """The readers have what is committed, and nothing else."""
        self.on.see(self.topic, self.committed)


def test_committed_transactions_over_two_partitions_are_read(clients: Stage) -> None:
    story = Story(clients, "commit")
    story.open("a")
    for label in ("first", "second", "third"):
        sent = story.write("a", label)
        if label == "second":
            story.see()
        story.commit("a", sent)
    story.see()
    story.tell("close", "a")


def test_an_aborted_transaction_is_never_read(clients: Stage) -> None:
    story = Story(clients, "abort")
    story.open("a")
    story.commit("a", story.write("a", "kept"))
    story.write("a", "dropped")
    story.see()
    story.tell("abort", "a")
    story.commit("a", story.write("a", "also kept"))
    story.see()
    story.tell("close", "a")


def test_offsets_are_committed_with_the_output_or_not_at_all(clients: Stage) -> None:
    source = Story(clients, "input")
    source.open("source")
    source.commit("source", source.write("source", "value", 3))
    source.tell("close", "source")
    story = Story(clients, "output")
    output = [[value.upper() for value in values] for values in source.committed]

    story.open("a", reading="input")
    story.tell("begin", "a")
    story.tell("transform", "a", "output", 3 * PARTITIONS)
    story.see()
    assert clients.group_offsets("output") == [-1, -1]
    story.tell("abort", "a")
    story.tell("close", "a")
    story.see()
    assert clients.group_offsets("output") == [-1, -1]

    story.open("b", reading="input")
    story.tell("begin", "b")
    story.tell("transform", "b", "output", 3 * PARTITIONS)
    story.commit("b", output)
    story.see()
    ends = {3, 4}  # Clients differ in whether the marker of the input is read at once.
    assert set(clients.group_offsets("output")) <= ends
    story.tell("close", "b")


def test_a_zombie_is_fenced(clients: Stage) -> None:
    story = Story(clients, "fence")
    story.open("zombie")
    story.commit("zombie", story.write("zombie", "in time"))
    story.write("zombie", "too late")
    story.open("next")
    sent = story.write("next", "instead")
    assert story.refused("commit", "zombie") in FENCED[clients.client]
    story.see()
    story.commit("next", sent)
    story.see()
    story.tell("close", "next")
    story.tell("close", "zombie")


def test_a_transaction_that_takes_too_long_is_aborted(clients: Stage) -> None:
    story = Story(clients, "timeout")
    story.open("a", timeout_ms=1_000)
    story.commit("a", story.write("a", "quick"))
    story.write("a", "slow")
    clients.wait(
        lambda: clients.described("txn-timeout").transaction_state == "CompleteAbort", "an abort"
    )
    error = story.refused("commit", "a")
    way_on = "abort"
    try:
        story.tell("abort", "a")
        sent = story.write("a", "again")
    except Refused:
        way_on = "open again"
        story.tell("close", "a")
        story.open("a")
        sent = story.write("a", "again")
    assert (error, way_on) == TIMED_OUT[clients.client]
    story.see()
    story.commit("a", sent)
    story.see()
    story.tell("close", "a")


def test_newer_clients_take_an_epoch_for_each_transaction(clients: Stage) -> None:
    story = Story(clients, "epochs")
    story.open("a")
    epochs = []
    for label in ("first", "second", "third"):
        story.commit("a", story.write("a", label, 1))
        found = clients.described("txn-epochs")
        epochs.append((found.producer_id, found.producer_epoch))
    story.see()
    story.tell("close", "a")
    ids = {producer_id for producer_id, _ in epochs}
    rises = [epoch - epochs[0][1] for _, epoch in epochs]
    assert len(ids) == 1
    assert rises == ([0, 1, 2] if clients.client in SECOND_VERSION else [0, 0, 0])

"""The coordinator of transactions in a node: markers that fail, restarts, timeouts, topics gone."""

from pathlib import Path
from typing import Any

import pytest

from kafkacompat.coordinator.transactions.coordinator import refusal_of
from kafkacompat.coordinator.transactions.transaction import Answered
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.delete_topics import DeleteTopicsRequest
from tests.support.clock import FakeClock
from tests.support.node import RunningNode, running_node
from tests.support.produced import fetch
from tests.support.transactions_on_the_wire import WireProducer, committed_values

versions = pytest.mark.parametrize("is_v2", [False, True], ids=["v1", "v2"])


def status(broker: RunningNode, name: str = "x") -> str:
    def look() -> str:
        state = broker.node.transactions.shard(name).transaction(name).state
        return "none" if state is None else state.status.title

    return broker.run(look)


def begun(broker: RunningNode, **how: Any) -> WireProducer:
    broker.create_topic("t", 2)
    producer = WireProducer(broker, **how)
    assert producer.init() == 0
    if not producer.is_v2:
        assert producer.add(0, 1) == 0
    assert producer.send(b"a").error_code == 0
    assert producer.send(b"b", index=1).error_code == 0
    return producer


def test_only_newer_requests_know_of_fencing() -> None:
    fenced = Answered(ErrorCode.PRODUCER_FENCED)
    assert refusal_of(fenced, fenced_is_known=True) == ErrorCode.PRODUCER_FENCED
    assert refusal_of(fenced, fenced_is_known=False) == ErrorCode.INVALID_PRODUCER_EPOCH
    assert refusal_of(Answered(ErrorCode.NONE), fenced_is_known=False) == ErrorCode.NONE


def test_markers_that_cannot_be_written_are_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    with running_node(clock=clock) as broker:
        producer = begun(broker)
        stage, failures = broker.node.journal.stage, []

        def fail(log: Any, batches: Any, **how: Any) -> Any:
            if log.topic == "t" and log.partition == 1:
                failures.append(log)
                raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, "no space left")
            return stage(log, batches, **how)

        monkeypatch.setattr(broker.node.journal, "stage", fail)
        assert producer.end() == 0
        broker.wait_until(lambda: len(failures) == 1)
        broker.run(lambda: clock.advance(100))
        assert len(failures) == 2
        assert status(broker) == "PrepareCommit"
        assert committed_values(broker, 0) == [b"a"], "what has its marker is committed"
        assert committed_values(broker, 1) == []
        monkeypatch.undo()
        broker.run(lambda: clock.advance(100))
        broker.wait_until(lambda: broker.node.partitions.find("t", 1).log.last_stable_offset == 2)
        assert status(broker) == "CompleteCommit"
        assert broker.node.partitions.find("t", 0).log.end_offset == 2, "no second marker"


def test_a_topic_that_is_gone_needs_no_marker() -> None:
    with running_node() as broker:
        producer = begun(broker)
        broker.call(DeleteTopicsRequest(topic_names=["t"]), 1)
        assert producer.end() == 0
        broker.wait_until(
            lambda: broker.node.transactions.shard("x").transaction("x").state.status == 4
        )


@versions
@pytest.mark.parametrize("durability", ["os", "fsync"])
def test_a_transaction_goes_on_after_a_restart(
    tmp_path: Path, is_v2: bool, durability: str
) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": durability}
    with running_node(on_disk) as broker:
        before = begun(broker, is_v2=is_v2)
    with running_node(on_disk) as broker:
        producer = WireProducer(broker, is_v2=is_v2)
        producer.producer_id, producer.epoch = before.producer_id, before.epoch
        producer.sequences = before.sequences
        assert producer.send(b"c").error_code == 0
        assert committed_values(broker) == []
        assert producer.end() == 0
        broker.wait_until(lambda: broker.node.partitions.find("t", 0).log.last_stable_offset == 3)
        assert committed_values(broker) == [b"a", b"c"]


@versions
def test_what_was_decided_before_a_crash_is_completed_without_being_asked(
    tmp_path: Path, is_v2: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redpanda #6018: a coordinator that forgets an open transaction over a crash."""
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk) as broker:
        producer = begun(broker, is_v2=is_v2)
        monkeypatch.setattr(broker.node.transactions, "perform", lambda *effect: None)
        assert producer.end() == 0
        assert status(broker) == "PrepareCommit"
    with running_node(on_disk) as broker:
        find = broker.node.partitions.find
        broker.wait_until(lambda: find("t", 0).log.last_stable_offset == 2)
        broker.wait_until(lambda: find("t", 1).log.last_stable_offset == 2)
        assert committed_values(broker) == [b"a"]
        assert status(broker) == "CompleteCommit"


def test_a_marker_retried_after_a_crash_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """KAFKA-19999: the marker is in the log already, with the very epoch it raises to."""
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk) as broker:
        producer = begun(broker)
        monkeypatch.setattr(broker.node.transactions, "_marked", lambda *done: None)
        assert producer.end() == 0
        broker.wait_until(lambda: broker.node.partitions.find("t", 1).log.end_offset == 2)
    with running_node(on_disk) as broker:
        transactions = broker.node.transactions
        broker.wait_until(lambda: transactions.shard("x").transaction("x").state.status == 4)
        assert broker.run(lambda: broker.node.partitions.find("t", 1).log.end_offset) == 2


@versions
def test_a_transaction_that_is_left_open_is_aborted_by_the_nodes_clock(is_v2: bool) -> None:
    clock = FakeClock()
    with running_node(clock=clock) as broker:
        producer = begun(broker, is_v2=is_v2)
        broker.run(lambda: clock.advance(59_999))
        assert fetch(broker).last_stable_offset == 0
        broker.run(lambda: clock.advance(1))
        find = broker.node.partitions.find
        broker.wait_until(lambda: find("t", 0).log.last_stable_offset == 2)
        assert committed_values(broker) == []
        assert producer.send(b"late").error_code == ErrorCode.INVALID_PRODUCER_EPOCH
        assert producer.end() != 0
        assert producer.init(goes_on=True) in (0, ErrorCode.PRODUCER_FENCED)


def test_without_their_topic_transactions_have_no_coordinator() -> None:
    with running_node() as broker, pytest.raises(KafkaError) as raised:
        broker.run(lambda: broker.node.transactions.shard("x"))
    assert raised.value.code == ErrorCode.COORDINATOR_NOT_AVAILABLE


def test_records_are_as_old_brokers_read_them_where_the_cluster_is_old(tmp_path: Path) -> None:
    with running_node() as broker:
        state = begun(broker)
        write = broker.run(
            lambda: broker.node.transactions.shard("x").transaction("x").state.write("x")
        )
        encode = broker.node.transactions.encode
        assert broker.run(lambda: encode(write))[1][:2] == b"\0\1"
        broker.node.image.features["transaction.version"] = 0
        assert broker.run(lambda: encode(write))[1][:2] == b"\0\0"
        assert broker.run(lambda: encode(write._replace(value=None)))[1] is None
        assert state.epoch == 0

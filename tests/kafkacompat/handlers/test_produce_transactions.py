"""Transactional Produce over the wire: no batch gets in that no transaction will end."""

from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode
from tests.support.node import RunningNode, running_node
from tests.support.transactions_on_the_wire import WireProducer, committed_values


def begun(broker: RunningNode, topic: str, **how: Any) -> WireProducer:
    broker.create_topic(topic, 3)
    producer = WireProducer(broker, topic, topic=topic, **how)
    assert producer.init() == 0
    return producer


@pytest.mark.parametrize(
    ("version", "code"),
    [
        (3, ErrorCode.INVALID_TXN_STATE),
        (10, ErrorCode.INVALID_TXN_STATE),
        (11, ErrorCode.TRANSACTION_ABORTABLE),
    ],
)
def test_before_version_12_a_partition_must_have_been_added(
    broker: RunningNode, version: int, code: ErrorCode
) -> None:
    producer = begun(broker, f"added-{version}", is_v2=False)
    assert producer.send(b"a", version=version).error_code == code
    assert producer.add(0) == 0
    producer.sequences.clear()
    assert producer.send(b"a", version=version).error_code == 0
    assert producer.send(b"b", index=1, version=version).error_code == code


def test_from_version_12_on_a_partition_adds_itself(broker: RunningNode) -> None:
    producer = begun(broker, "adds-itself")
    assert producer.send(b"a", index=2).error_code == 0
    shard = broker.run(lambda: broker.node.transactions.shard(producer.name))
    assert shard.transaction(producer.name).state.partitions == {("adds-itself", 2)}


@pytest.mark.parametrize("version", [9, 12])
def test_a_late_batch_leaves_no_transaction_hanging(broker: RunningNode, version: int) -> None:
    producer = begun(broker, f"late-{version}", is_v2=version == 12)
    if version == 9:
        producer.add(0)
    producer.send(b"a", version=version)
    late = producer.records(b"late")
    assert producer.end(commit=False) == 0
    log = broker.run(lambda: broker.node.partitions.find(producer.topic, 0).log)
    broker.wait_until(lambda: log.last_stable_offset == 2)
    told = producer.send_batch(late, version=version)
    while told.error_code == ErrorCode.NOT_ENOUGH_REPLICAS:  # it is still being completed
        told = producer.send_batch(late, version=version)
    expected = ErrorCode.INVALID_TXN_STATE if version == 9 else ErrorCode.INVALID_PRODUCER_EPOCH
    assert told.error_code == expected
    assert log.end_offset == log.last_stable_offset == 2


def test_a_fenced_producer_appends_nothing(broker: RunningNode) -> None:
    """T4, in a partition that the newer producer has not written to yet."""
    zombie = begun(broker, "fenced")
    newer = WireProducer(broker, "fenced", topic="fenced")
    newer.init()
    assert zombie.send(b"z").error_code == ErrorCode.INVALID_PRODUCER_EPOCH
    assert newer.send(b"n").error_code == 0
    assert zombie.send(b"z", index=1).error_code == ErrorCode.INVALID_PRODUCER_EPOCH


def test_a_stranger_is_told_that_its_id_is_another() -> None:
    with running_node() as broker:
        stranger = begun(broker, "stranger")
        stranger.producer_id += 1
        told = stranger.send(b"z")
        assert told.error_code == ErrorCode.INVALID_PRODUCER_ID_MAPPING
        stranger.name = ""
        assert stranger.send(b"z").error_code == ErrorCode.INVALID_REQUEST


def test_a_batch_waits_for_the_end_of_the_transaction_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running_node() as broker:
        producer = begun(broker, "waits")
        transactions = broker.node.transactions
        held: list[Any] = []
        perform = transactions.perform
        monkeypatch.setattr(transactions, "perform", lambda *effect: held.append(effect))
        assert producer.send(b"a").error_code == 0
        assert producer.end() == 0
        client, second = producer.client, producer.records(b"b")
        told = producer.send_batch(second)
        assert told.error_code == ErrorCode.NOT_ENOUGH_REPLICAS, "for as long as it is patient"
        assert transactions._on_complete == {}, "who gave up is forgotten"
        monkeypatch.undo()
        from tests.support.produced import produce_request

        request = produce_request(second, topic="waits", transactional_id="waits")
        client.send(request, 12)
        broker.wait_until(lambda: bool(transactions._on_complete.get("waits")))
        broker.run(lambda: perform(*held[0]))
        assert client.receive(0, 12).responses[0].partition_responses[0].error_code == 0
        assert producer.end_until_done() == 0
        log = broker.node.partitions.find("waits", 0).log
        broker.wait_until(lambda: log.last_stable_offset == 4)
        assert committed_values(broker, topic="waits") == [b"a", b"b"]


def test_batches_that_are_not_transactional_do_not_ask(broker: RunningNode) -> None:
    producer = begun(broker, "plain")
    from tests.support.produced import batch, produce_request

    request = produce_request(batch(b"x"), topic="plain", transactional_id="plain")
    told = broker.call(request, 12).responses[0].partition_responses[0]
    assert told.error_code == 0
    shard = broker.run(lambda: broker.node.transactions.shard("plain"))
    assert shard.transaction("plain").state.partitions == frozenset()
    assert producer.epoch == 0

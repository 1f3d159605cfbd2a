"""Markers: where one belongs, where it is already, and where it must not be."""

from typing import Any

import pytest

from kafkacompat.coordinator.transactions.markers import Marker, MarkerRound, stage_marker
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from tests.support.node import RunningNode, running_node
from tests.support.transactions_on_the_wire import WireProducer


def mark(broker: RunningNode, marker: Marker, *indexes: int) -> MarkerRound:
    done: list[MarkerRound] = []
    places = [("t", index) for index in indexes]
    broker.run(lambda: MarkerRound(broker.node, marker).write(places, done.append))
    broker.wait_until(lambda: bool(done))
    return done[0]


def test_a_round_tells_of_every_partition_it_could_not_reach() -> None:
    with running_node() as broker:
        broker.create_topic("t", 2)
        producer = WireProducer(broker)
        producer.init()
        producer.send(b"a")
        marker = Marker(producer.producer_id, producer.epoch + 1, True, 0, 2)
        done = mark(broker, marker, 0, 1, 9)
        assert set(done.refused) == {("t", 9)}
        assert done.failed == {}
        older = mark(broker, marker._replace(epoch=producer.epoch), 0)
        assert older.refused["t", 0].code == ErrorCode.INVALID_PRODUCER_EPOCH
        fenced = mark(broker, marker._replace(epoch=9, coordinator_epoch=-5), 0)
        assert fenced.refused["t", 0].code == ErrorCode.TRANSACTION_COORDINATOR_FENCED


def test_a_round_over_nothing_is_done_at_once() -> None:
    with running_node() as broker:
        assert mark(broker, Marker(1, 0, True, 0, 2)).failed == {}


@pytest.mark.parametrize("version", [0, 2])
def test_an_abort_of_an_old_epoch_does_not_abort_the_new_one(version: int) -> None:
    with running_node() as broker:
        broker.create_topic("t")
        old = WireProducer(broker)
        old.init()
        new = WireProducer(broker)
        new.init()
        assert new.send(b"a").error_code == 0
        late = Marker(old.producer_id, old.epoch, False, 0, version)

        def stage() -> Any:
            with pytest.raises(KafkaError) as raised:
                stage_marker(broker.node, ("t", 0), late)
            return raised.value.code

        assert broker.run(stage) == ErrorCode.INVALID_PRODUCER_EPOCH
        log = broker.node.partitions.find("t", 0).log
        assert log.producers.is_open(new.producer_id, new.epoch)

"""WriteTxnMarkers over the wire: how a tool ends a transaction that nobody else will."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
)
from tests.support.node import RunningNode
from tests.support.transactions_on_the_wire import WireProducer, committed_values


def marker(producer: WireProducer, **changes: object) -> WriteTxnMarkersRequest:
    wanted = WritableTxnMarker(
        producer_id=producer.producer_id,
        producer_epoch=producer.epoch,
        transaction_result=False,
        topics=[WritableTxnMarkerTopic(name=producer.topic, partition_indexes=[0, 5])],
        coordinator_epoch=0,
    )
    for name, value in changes.items():
        setattr(wanted, name, value)
    return WriteTxnMarkersRequest(markers=[wanted])


def codes(producer: WireProducer, request: WriteTxnMarkersRequest, version: int) -> list[int]:
    told = producer.broker.call(request, version)
    assert told.markers[0].producer_id == request.markers[0].producer_id
    return [p.error_code for p in told.markers[0].topics[0].partitions]


@pytest.mark.parametrize("version", range(3))
def test_a_marker_ends_a_transaction_and_tells_of_each_partition(
    broker: RunningNode, version: int
) -> None:
    topic = f"markers-{version}"
    broker.create_topic(topic)
    producer = WireProducer(broker, topic, topic=topic)
    producer.init()
    producer.send(b"a")
    assert committed_values(broker, topic=topic) == []
    log = broker.run(lambda: broker.node.partitions.find(topic, 0).log)
    assert log.last_stable_offset == 0
    found = codes(producer, marker(producer), version)
    assert found == [0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]
    assert log.last_stable_offset == 2
    assert committed_values(broker, topic=topic) == []
    stale = marker(producer, producer_epoch=producer.epoch - 1)
    assert codes(producer, stale, version)[0] == ErrorCode.INVALID_PRODUCER_EPOCH


def test_an_epochs_own_transaction_is_not_ended_by_a_marker_of_the_one_before(
    broker: RunningNode,
) -> None:
    broker.create_topic("strict")
    producer = WireProducer(broker, "strict", topic="strict")
    producer.init()
    producer.send(b"a")
    late = marker(producer, transaction_version=2)
    assert codes(producer, late, 2)[0] == ErrorCode.INVALID_PRODUCER_EPOCH


def test_a_marker_that_is_there_is_written_no_second_time(broker: RunningNode) -> None:
    broker.create_topic("twice")
    producer = WireProducer(broker, "twice", topic="twice")
    producer.init()
    producer.send(b"a")
    again = marker(producer, transaction_version=2, producer_epoch=producer.epoch + 1)
    log = broker.run(lambda: broker.node.partitions.find("twice", 0).log)
    assert [codes(producer, again, 2)[0] for _ in range(2)] == [0, 0]
    assert log.end_offset == 2

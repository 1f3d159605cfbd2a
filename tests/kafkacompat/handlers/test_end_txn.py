"""EndTxn over the wire: what readers see before and after, in both versions of transactions."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.end_txn import EndTxnRequest
from tests.support.node import RunningNode, running_node
from tests.support.produced import fetch
from tests.support.transactions_on_the_wire import WireProducer, committed_values

versions = pytest.mark.parametrize("is_v2", [False, True], ids=["v1", "v2"])


def begun(broker: RunningNode, name: str, is_v2: bool) -> WireProducer:
    """Return a producer with an open transaction in partition 0 of its own topic."""
    broker.create_topic(name, 2)
    producer = WireProducer(broker, name, topic=name, is_v2=is_v2)
    assert producer.init() == 0
    if not is_v2:
        assert producer.add(0, 1) == 0
    assert producer.send(b"a", b"b").error_code == 0
    return producer


@versions
def test_what_is_committed_shows_to_all_who_wait_for_it(broker: RunningNode, is_v2: bool) -> None:
    producer = begun(broker, f"commit-{is_v2}", is_v2)
    topic = producer.topic
    assert committed_values(broker, topic=topic) == []
    open_slot = fetch(broker, topic=topic)
    assert (open_slot.high_watermark, open_slot.last_stable_offset) == (2, 0)
    assert producer.end() == 0
    broker.wait_until(lambda: broker.node.partitions.find(topic, 0).log.last_stable_offset == 3)
    assert committed_values(broker, topic=topic) == [b"a", b"b"]


@versions
def test_what_is_aborted_never_shows(broker: RunningNode, is_v2: bool) -> None:
    producer = begun(broker, f"abort-{is_v2}", is_v2)
    topic = producer.topic
    assert producer.end(commit=False) == 0
    broker.wait_until(lambda: broker.node.partitions.find(topic, 0).log.last_stable_offset == 3)
    assert committed_values(broker, topic=topic) == []
    if not is_v2:
        while producer.add(0) == ErrorCode.CONCURRENT_TRANSACTIONS:
            pass
    assert producer.send(b"c").error_code == 0
    assert producer.end_until_done() == 0
    broker.wait_until(lambda: broker.node.partitions.find(topic, 0).log.last_stable_offset == 5)
    assert committed_values(broker, topic=topic) == [b"c"]


@pytest.mark.parametrize("version", range(6))
def test_strangers_end_nothing(broker: RunningNode, version: int) -> None:
    producer = WireProducer(broker, "strangers")
    producer.init()
    stranger = EndTxnRequest(
        transactional_id="strangers", producer_id=1, producer_epoch=0, committed=True
    )
    code = broker.call(stranger, version).error_code
    assert code == ErrorCode.INVALID_PRODUCER_ID_MAPPING
    stranger.producer_id, stranger.producer_epoch = producer.producer_id, 9
    code = broker.call(stranger, version).error_code
    fenced = ErrorCode.PRODUCER_FENCED if version >= 2 else ErrorCode.INVALID_PRODUCER_EPOCH
    assert code == fenced
    stranger.transactional_id = ""
    assert broker.call(stranger, version).error_code == ErrorCode.INVALID_REQUEST


def test_nothing_was_begun_so_nothing_is_committed(broker: RunningNode) -> None:
    producer = WireProducer(broker, "nothing")
    producer.init()
    assert producer.end(version=4) == ErrorCode.INVALID_TXN_STATE
    assert producer.end(version=5) == ErrorCode.INVALID_TXN_STATE
    epoch = producer.epoch
    assert producer.end(commit=False, version=5) == 0
    assert producer.epoch == epoch + 1


def test_without_its_topic_there_is_no_coordinator() -> None:
    with running_node() as broker:
        request = EndTxnRequest(
            transactional_id="x", producer_id=1, producer_epoch=0, committed=True
        )
        assert broker.call(request, 3).error_code == ErrorCode.COORDINATOR_NOT_AVAILABLE

"""What tests can do with one of several brokers; the rest is tested in cluster/test_several.py."""

import asyncio

import pytest
from kafka import KafkaConsumer

from kafkacompat import Broker, ThreadedBroker
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from tests.support.cluster import client_of


def test_one_broker_is_told_of_in_the_same_words(broker: ThreadedBroker) -> None:
    assert broker.brokers == {1: True}
    assert broker.addresses == {1: broker.bootstrap_servers}
    assert (broker.leader("t"), broker.in_sync("t")) == (1, [1])
    broker.wait_for_in_sync("t")
    with pytest.raises(KafkaError):
        broker.leader("unknown")


def test_waiting_in_vain_says_who_is_in_sync() -> None:
    with ThreadedBroker(brokers=2, topics={"t": 1}) as broker:
        broker.kill(1)
        with pytest.raises(TimeoutError, match=r"in sync are only \[2\]"):
            broker.wait_for_in_sync("t", timeout_s=0)


def test_coroutines_kill_and_restart_too() -> None:
    async def use() -> None:
        async with Broker(brokers=2, topics={"t": 2}) as broker:
            await broker.kill(1)
            assert broker.threaded.brokers == {1: False, 2: True}
            await broker.restart(1)
            await broker.move_leader("t", 1)
            assert broker.threaded.brokers == {1: True, 2: True}

    asyncio.run(use())


def test_a_coordinator_moves_to_another_broker() -> None:
    with ThreadedBroker(brokers=2, topics={"t": 1}) as broker:
        consumer = KafkaConsumer(
            "t",
            bootstrap_servers=broker.bootstrap_servers,
            group_id="g",
            auto_offset_reset="earliest",
            retry_backoff_ms=5,
        )
        broker.produce("t", "x")
        while not consumer.poll(100):
            pass
        consumer.commit()
        before = coordinator(broker)
        broker.move_coordinator("g")
        assert coordinator(broker) == 3 - before
        assert broker.committed("g") == {("t", 0): 1}
        consumer.commit()
        broker.move_coordinator("g", to=before)
        assert coordinator(broker) == before
        consumer.close()


def coordinator(broker: ThreadedBroker) -> int:
    client = client_of(broker, 1)
    told = client.call(FindCoordinatorRequest(key="g"), 2)
    client.close()
    return int(told.node_id)

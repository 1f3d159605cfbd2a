"""Several brokers, to clients a cluster."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Consumer, Producer
from kafka import KafkaAdminClient

from kafkacompat import ThreadedBroker
from kafkacompat.coordinator import runtime
from kafkacompat.embedded.host import BrokerError
from kafkacompat.embedded.waiting import wait_until
from kafkacompat.metadata.config_commands import Alteration, Change
from kafkacompat.metadata.election_commands import move_leader
from kafkacompat.metadata.image import RESOURCE_TOPIC
from kafkacompat.metadata.internal_topics import TRANSACTION_TOPIC
from kafkacompat.server.advertise import split_address
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    ReassignablePartition,
    ReassignableTopic,
)
from kafkacompat_protocol.messages.elect_leaders import ElectLeadersRequest, TopicPartitions
from kafkacompat_protocol.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
)
from tests.support.cluster import client_of
from tests.support.produced import batch, produce_request

if TYPE_CHECKING:
    from kafkacompat.coordinator.shard import Shard

PREFERRED = 0


def test_it_leaves_nothing_behind() -> None:
    before = set(threading.enumerate())
    with ThreadedBroker(brokers=3, topics={"t": 3}) as broker:
        assert len(set(broker.addresses.values())) == 3
        assert broker.brokers == {1: True, 2: True, 3: True}
        assert [broker.leader("t", index) for index in range(3)] == [1, 2, 3]
        assert broker.in_sync("t") == [1, 2, 3]
    assert set(threading.enumerate()) == before


def test_records_and_groups_live_on_when_brokers_die() -> None:
    with ThreadedBroker(brokers=3, topics={"t": 3}) as broker:
        servers = {"bootstrap.servers": broker.bootstrap_servers, "reconnect.backoff.ms": 5}
        producer = Producer(servers | {"enable.idempotence": True, "retry.backoff.ms": 5})
        consumer = Consumer(servers | {"group.id": "g", "auto.offset.reset": "earliest"})
        consumer.subscribe(["t"])
        read: list[bytes] = []

        def send_and_read(text: str) -> None:
            sent = [f"{text}{number}".encode() for number in range(30)]
            for number, value in enumerate(sent):
                producer.produce("t", value, partition=number % 3)
            assert producer.flush(30) == 0
            while not set(sent) <= set(read):
                message = consumer.poll(1)
                if message is not None and not message.error():
                    read.append(message.value() or b"")

        send_and_read("first")
        for broker_id in (1, 2, 3):
            broker.kill(broker_id)
            assert broker.brokers[broker_id] is False
            send_and_read(f"without{broker_id}-")
            broker.restart(broker_id)
            broker.clock.advance(seconds=1)
            for index in range(3):
                broker.wait_for_in_sync("t", index)
        assert len(broker.records("t")) == len(read) == 120
        consumer.close()


def test_a_transaction_spans_brokers_of_which_one_dies() -> None:
    with ThreadedBroker(brokers=3, topics={"in": 1, "out": 3}) as broker:
        broker.produce("in", "x")
        servers = {"bootstrap.servers": broker.bootstrap_servers}
        consumer = Consumer(servers | {"group.id": "g", "auto.offset.reset": "earliest"})
        producer = Producer(servers | {"transactional.id": "tx", "retry.backoff.ms": 10})
        producer.init_transactions(20)
        consumer.subscribe(["in"])
        while (message := consumer.poll(1)) is None or message.error():
            pass
        producer.begin_transaction()
        for index in range(3):
            producer.produce("out", "y", partition=index)
        producer.flush(20)
        broker.kill(2)
        offsets = consumer.position(consumer.assignment())
        producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata(), 20)
        producer.commit_transaction(20)
        assert len(broker.records("out", read_committed=True)) == 3
        assert broker.committed("g") == {("in", 0): 1}
        consumer.close()


def test_a_broker_comes_back_at_its_address_and_is_in_sync_a_little_later() -> None:
    with ThreadedBroker(brokers=3, topics={"t": 3}) as broker:
        broker.clock.freeze()
        before = broker.addresses
        broker.kill(1)
        assert broker.leader("t", 0) == 2
        with pytest.raises(ConnectionRefusedError):
            client_of(broker, 1)
        broker.restart(1)
        assert broker.addresses == before
        client_of(broker, 1).close()
        assert broker.in_sync("t", 0) == [2, 3]
        broker.clock.advance(ms=500)
        broker.wait_for_in_sync("t", 0)
        assert broker.leader("t", 0) == 2  # until somebody asks, or five minutes later
        broker.clock.advance(seconds=300)
        wait_until(lambda: broker.leader("t", 0) == 1, lambda: "another leads", 10)


def test_leaders_go_back_when_they_are_told_to() -> None:
    with ThreadedBroker(brokers=2, topics={"t": 1}) as broker:
        broker.move_leader("t", to=2)
        assert broker.leader("t") == 2
        client = client_of(broker, 1)
        asked = TopicPartitions(topic="t", partitions=[0])
        request = ElectLeadersRequest(election_type=PREFERRED, topic_partitions=[asked])
        assert client.call(request, 2).error_code == 0
        assert broker.leader("t") == 1
        client.close()


def test_a_reassignment_takes_its_time() -> None:
    with ThreadedBroker(brokers=3) as broker:
        broker.create_topic("t", replicas=2)
        broker.clock.freeze()
        client = client_of(broker, 3)
        part = ReassignablePartition(partition_index=0, replicas=[3, 2])
        topic = ReassignableTopic(name="t", partitions=[part])
        told = client.call(AlterPartitionReassignmentsRequest(topics=[topic]), 0)
        assert told.responses[0].partitions[0].error_code == 0
        (found,) = client.call(ListPartitionReassignmentsRequest(), 0).topics
        assert (found.partitions[0].adding_replicas, found.partitions[0].removing_replicas) == (
            [3],
            [1],
        )
        assert broker.leader("t") == 1
        broker.clock.advance(ms=500)
        broker.wait_for_in_sync("t")
        assert (broker.leader("t"), broker.in_sync("t")) == (3, [3, 2])
        assert client.call(ListPartitionReassignmentsRequest(), 0).topics == []
        client.close()


def test_with_too_few_in_sync_nothing_is_written_for_all() -> None:
    with ThreadedBroker(brokers=3) as broker:
        broker.create_topic("t", config={"min.insync.replicas": "2"})
        client = client_of(broker, 1)

        def code(acks: int) -> int:
            told = client.call(produce_request(batch(b"x"), acks=acks), 9)
            return int(told.responses[0].partition_responses[0].error_code)

        assert (code(-1), code(1)) == (0, 0)
        broker.kill(2)
        assert code(-1) == 0
        broker.kill(3)
        assert (code(-1), code(1)) == (ErrorCode.NOT_ENOUGH_REPLICAS, 0)
        broker.restart(3)
        broker.clock.advance(seconds=1)
        while broker.in_sync("t") != [1, 3]:
            pass
        assert code(-1) == 0
        client.close()


def test_a_reset_brings_the_dead_back_to_the_first_data() -> None:
    with ThreadedBroker(brokers=3, topics={"t": 3}) as broker:
        client = client_of(broker, 1)
        before = broker.addresses
        broker.produce("t", "x")
        broker.kill(2)
        kept = broker.snapshot()
        broker.reset()
        assert broker.brokers == {1: True, 2: True, 3: True}
        assert (broker.addresses, broker.records("t")) == (before, [])
        broker.restore(kept)
        assert [record.value for record in broker.records("t")] == [b"x"]
        assert broker.in_sync("t", 1) == [2, 3, 1]
        told = client.call(produce_request(batch(b"y")), 9)  # over the same connection
        assert told.responses[0].partition_responses[0].base_offset == 1
        other = broker.fork()
        assert len(other.brokers) == 3
        assert len(other.records("t")) == 2
        other.stop()
        client.close()


def test_what_cannot_be_done_is_said() -> None:
    with ThreadedBroker(brokers=2) as broker:
        broker.kill(1)
        with pytest.raises(BrokerError, match="broker 1 does not live"):
            broker.kill(1)
        with pytest.raises(BrokerError, match="there is no broker 7; there are 1, 2"):
            broker.restart(7)
    with ThreadedBroker() as broker, pytest.raises(BrokerError, match="there is one broker"):
        broker.kill(1)


def test_admin_clients_see_a_cluster() -> None:
    with ThreadedBroker(brokers=3, topics={"t": 1}) as broker:
        admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap_servers)
        told = admin.describe_cluster()["brokers"]
        assert sorted(each.get("broker_id", each.get("node_id")) for each in told) == [1, 2, 3]
        (topic,) = admin.describe_topics(["t"])
        (part,) = topic["partitions"]
        assert part.get("replica_nodes", part.get("replicas")) == [1, 2, 3]
        admin.close()


def test_after_all_were_dead_all_are_in_sync_again() -> None:
    with ThreadedBroker(brokers=3, topics={"t": 1}) as broker:
        for broker_id in (3, 2, 1):
            broker.kill(broker_id)
        assert broker.brokers == {1: False, 2: False, 3: False}
        with pytest.raises(KafkaError):
            broker.move_leader("t")
        for broker_id in (3, 2, 1):  # The last one only has everything.
            broker.restart(broker_id)
            broker.clock.advance(seconds=1)
        broker.clock.advance(seconds=1)
        broker.wait_for_in_sync("t")
        assert broker.leader("t") == 1


@pytest.mark.parametrize("how", ["kill", "move", "restore"])
def test_a_topics_rules_are_followed_by_who_leads_next(how: str) -> None:
    with ThreadedBroker(brokers=2, topics={"t": 1}) as broker:
        broker.produce("t", "x")
        if how == "kill":
            broker.kill(1)
        elif how == "move":
            broker.move_leader("t")
        else:
            broker.restore(broker.snapshot())
        change = Change("max.message.bytes", Alteration.SET, "100")
        alter = broker._host.controller.alter_configs(
            RESOURCE_TOPIC, "t", [change], validate_only=False
        )
        broker._host.run(alter)
        with pytest.raises(KafkaError, match="MESSAGE_TOO_LARGE"):
            broker.produce("t", "y" * 1000)


def test_producers_that_live_through_a_reset_share_no_id_with_later_ones() -> None:
    with ThreadedBroker(brokers=2, topics={"t": 1}) as broker:
        settings = {"bootstrap.servers": broker.bootstrap_servers, "enable.idempotence": True}
        old, new = Producer(settings), Producer(settings)

        def send(producer: Producer, *values: str) -> None:
            for value in values:
                producer.produce("t", value)
                assert producer.flush(20) == 0

        send(old, "a", "b")
        broker.reset()
        send(old, "c")
        send(new, "d", "e", "f")
        send(old, "g")
        assert b"".join(record.value or b"" for record in broker.records("t")) == b"cdefg"


def test_nobody_gets_the_port_of_a_broker_that_is_dead() -> None:
    with ThreadedBroker(brokers=2) as broker:
        broker.kill(2)
        with socket.socket() as taken, pytest.raises(OSError, match="in use"):
            taken.bind(split_address(broker.addresses[2]))
        broker.restart(2)
        client_of(broker, 2).close()


def test_what_is_asked_by_several_threads_is_done_in_turn() -> None:
    with ThreadedBroker(brokers=2, topics={"t": 1}) as broker:

        def try_all(*calls: Callable[[], object]) -> None:
            for call in calls:
                with contextlib.suppress(BrokerError):
                    call()

        calls = [
            (lambda: broker.kill(2), lambda: broker.restart(2)),
            (lambda: broker.restart(2), broker.reset),
            (broker.reset, lambda: broker.kill(2)),
        ]
        for _ in range(5):
            threads = [threading.Thread(target=try_all, args=each) for each in calls]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        broker.reset()
        assert broker.brokers == {1: True, 2: True}
        broker.produce("t", "x")


def test_a_coordinator_that_is_deposed_while_it_loads_writes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ThreadedBroker(
        brokers=2, topics={"t": 1}, transaction_state_log_num_partitions=1
    ) as broker:
        servers = {"bootstrap.servers": broker.bootstrap_servers}
        producer = Producer(servers | {"transactional.id": "tx"})
        producer.init_transactions(20)
        first = broker.leader(TRANSACTION_TOPIC)
        monkeypatch.setattr(runtime, "LOAD_AT_ONCE_BYTES", 0)  # as if it was long

        async def depose() -> "Shard":
            controller = broker._host.controller
            topic = controller.image.topics[TRANSACTION_TOPIC]
            other = broker._host.brokers.core.members.nodes[3 - first]
            await controller.commit(move_leader(topic, topic.partitions[0], 3 - first))
            await asyncio.sleep(0)
            shard = other.transactions._shards[0]
            assert not shard.is_loaded
            await controller.commit(move_leader(topic, topic.partitions[0], first))
            while other.transactions._loading:
                await asyncio.sleep(0)
            return shard

        assert not broker._host.run(depose()).is_loaded

"""Consumers read from followers, and are sent to those in their own rack."""

from confluent_kafka import Consumer

from kafkacompat import ThreadedBroker
from kafkacompat_protocol.errors import ErrorCode
from tests.support.cluster import client_of
from tests.support.produced import fetch_request, values_of


def test_a_follower_that_is_asked_gives_what_it_has() -> None:
    with ThreadedBroker(brokers=2, topics={"t": 1}) as broker:
        broker.produce("t", "x")
        client = client_of(broker, 2)
        (slot,) = client.call(fetch_request(), 11).responses[0].partitions
        assert values_of(slot.records) == [(0, b"x")]
        (slot,) = client.call(fetch_request(), 10).responses[0].partitions
        assert slot.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
        client.close()


def test_who_waits_at_a_follower_is_woken_by_what_the_leader_gets() -> None:
    with ThreadedBroker(brokers=2, topics={"t": 1}) as broker:
        client = client_of(broker, 2)
        client.send(fetch_request(max_wait_ms=20_000), 11)
        broker.wait_for_request("Fetch")
        broker.produce("t", "x")
        (slot,) = client.receive(1, 11).responses[0].partitions
        assert values_of(slot.records) == [(0, b"x")]
        client.send(fetch_request(1, max_wait_ms=20_000), 11)
        broker.wait_for_request("Fetch", count=2)
        broker.kill(1)
        (slot,) = client.receive(1, 11).responses[0].partitions
        assert slot.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
        broker.produce("t", "y")  # The one that was asked leads now.
        (slot,) = client.call(fetch_request(1), 11).responses[0].partitions
        assert values_of(slot.records) == [(1, b"y")]
        client.close()


def test_a_replica_out_of_sync_gives_nothing() -> None:
    with ThreadedBroker(brokers=2, topics={"t": 1}) as broker:
        broker.clock.freeze()
        broker.produce("t", "x")
        broker.restart(2)
        client = client_of(broker, 2)
        (slot,) = client.call(fetch_request(), 11).responses[0].partitions
        assert slot.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
        client.close()


def test_a_consumer_is_sent_to_its_rack_if_a_replica_is_there() -> None:
    with ThreadedBroker(brokers=3, racks=["a", "b", "c"]) as broker:
        broker.create_topic("t", replicas=2)
        broker.produce("t", "x")
        client = client_of(broker, 1)

        def sent_to(rack: str) -> tuple[int, int]:
            told = client.call(fetch_request(rack_id=rack), 11).responses[0].partitions[0]
            return told.preferred_read_replica, len(values_of(told.records))

        assert sent_to("b") == (2, 0)
        assert sent_to("a") == sent_to("c") == sent_to("") == (-1, 1)
        client.close()


def test_a_real_consumer_reads_from_its_own_rack() -> None:
    with ThreadedBroker(brokers=2, racks=["a", "b"], topics={"t": 1}) as broker:
        consumer = Consumer(
            {
                "bootstrap.servers": broker.bootstrap_servers,
                "group.id": "g",
                "auto.offset.reset": "earliest",
                "client.rack": "b",
            }
        )
        consumer.subscribe(["t"])
        broker.produce("t", "x")
        while (message := consumer.poll(1)) is None or message.error():
            pass
        assert message.value() == b"x"
        follower = broker.addresses[2]
        fetches = broker.requests("Fetch", client_id="rdkafka")
        assert any(each.broker == 2 for each in fetches), follower
        consumer.close()

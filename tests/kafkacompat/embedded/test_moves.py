"""What time and other brokers would do: observed at once, by real clients and states."""

import pytest
from kafka import KafkaConsumer, KafkaProducer

from kafkacompat import ThreadedBroker
from kafkacompat.embedded.host import BrokerError
from kafkacompat.embedded.waiting import wait_until
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnTopic,
)
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.init_producer_id import InitProducerIdRequest
from tests.support.node import WireClient
from tests.support.polling import join
from tests.support.produced import batch, fetch_request, produce_request


def test_a_moved_leader_has_another_epoch_and_a_producer_follows(broker: ThreadedBroker) -> None:
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap_servers, retry_backoff_ms=5)
    producer.send("t", b"a", partition=0).get(10)
    broker.move_leader("t", 0)
    producer.send("t", b"b", partition=0).get(10)
    producer.close()
    client = WireClient(("127.0.0.1", broker.port))
    told = client.call(fetch_request(current_leader_epoch=0), 11)
    assert told.responses[0].partitions[0].error_code == ErrorCode.FENCED_LEADER_EPOCH
    client.close()
    assert [record.value for record in broker.records("t")] == [b"a", b"b"]
    with pytest.raises(KafkaError):
        broker.move_leader("t", 9)


def test_retention_of_a_week_is_seen_at_once(broker: ThreadedBroker) -> None:
    broker.create_topic("week", config={"retention.ms": str(7 * 86_400_000)})
    broker.produce("week", "old")
    broker.apply_retention()
    assert len(broker.records("week")) == 1
    broker.clock.advance(days=7, seconds=1)
    broker.apply_retention()
    assert broker.records("week") == []


def test_compaction_keeps_the_newest_of_each_key_at_once(broker: ThreadedBroker) -> None:
    broker.create_topic("latest", 2, config={"cleanup.policy": "compact"})
    for number in range(20):
        broker.produce("latest", f"{number}", key=f"k{number % 3}", partition=number % 2)
    broker.compact("latest")
    found = {(r.partition, r.key): r.value for r in broker.records("latest")}
    assert len(broker.records("latest")) == len(found) == 6
    assert found[1, b"k1"] == b"19"
    with pytest.raises(BrokerError):
        broker.compact("t")


def test_a_session_of_45_seconds_ends_at_once(broker: ThreadedBroker) -> None:
    client = KafkaConsumer(
        "t",
        bootstrap_servers=broker.bootstrap_servers,
        group_id="g",
        session_timeout_ms=45_000,
        heartbeat_interval_ms=3_000,
    )
    join(client)
    broker.wait_for_group("g")
    broker.clock.advance(seconds=46)
    broker.wait_for_group("g", state="Empty")
    client.close(autocommit=False)


def test_a_transaction_of_15_minutes_is_aborted_at_once(broker: ThreadedBroker) -> None:
    client = WireClient(("127.0.0.1", broker.port))
    find = FindCoordinatorRequest(key="x", key_type=1)
    wait_until(lambda: client.call(find, 2).error_code == 0, lambda: "no coordinator", 10)
    init = InitProducerIdRequest(transactional_id="x", transaction_timeout_ms=900_000)
    told = client.call(init, 3)
    who = {"producer_id": told.producer_id, "producer_epoch": told.producer_epoch}
    topics = [AddPartitionsToTxnTopic(name="t", partitions=[0])]
    added = client.call(
        AddPartitionsToTxnRequest(
            v3_and_below_transactional_id="x",
            v3_and_below_producer_id=told.producer_id,
            v3_and_below_producer_epoch=told.producer_epoch,
            v3_and_below_topics=topics,
        ),
        3,
    )
    assert added.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code == 0
    content = batch(b"open", base_sequence=0, is_transactional=True, **who)
    request = produce_request(content)
    request.transactional_id = "x"
    assert client.call(request, 8).responses[0].partition_responses[0].error_code == 0
    client.close()
    assert broker.records("t", read_committed=True) == []
    broker.clock.advance(seconds=901)
    broker.produce("t", "after", partition=0)
    wait_until(lambda: bool(broker.records("t", read_committed=True)), lambda: "it stays open", 10)
    assert [r.value for r in broker.records("t", read_committed=True)] == [b"after"]


def test_offsets_of_a_week_expire_at_once(broker: ThreadedBroker) -> None:
    client = KafkaConsumer(bootstrap_servers=broker.bootstrap_servers, group_id="g")
    client.subscribe(["t"])
    join(client)
    client.commit()
    client.close(autocommit=False)
    assert broker.committed("g")
    broker.clock.advance(days=7, seconds=1)

    def are_gone() -> bool:
        broker.clock.advance(seconds=601)  # They are looked at every ten minutes.
        return not broker.committed("g")

    wait_until(are_gone, lambda: "they stay", 10)


def test_a_group_without_members_cannot_rebalance(broker: ThreadedBroker) -> None:
    client = KafkaConsumer(bootstrap_servers=broker.bootstrap_servers, group_id="g")
    client.subscribe(["t"])
    join(client)
    client.close(autocommit=False)
    with pytest.raises(BrokerError):
        broker.force_rebalance("g")


def test_the_clock_stands_and_goes_on(broker: ThreadedBroker) -> None:
    broker.clock.freeze()
    now_ms = broker.clock.now_ms
    broker.clock.advance(hours=1, ms=5)
    assert broker.clock.now_ms == now_ms + 3_600_005
    broker.create_topic("stamped", config={"message.timestamp.type": "LogAppendTime"})
    broker.produce("stamped", "x", timestamp=1)
    assert [record.timestamp for record in broker.records("stamped")] == [now_ms + 3_600_005]
    broker.clock.unfreeze()

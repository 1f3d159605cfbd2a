"""What groups have committed and how they are, as a real client leaves them."""

import time

import pytest
from kafka import KafkaConsumer

from kafkacompat import ThreadedBroker
from tests.support.polling import DEADLINE_S, POLL_MS, poll_until


def consumer(broker: ThreadedBroker) -> KafkaConsumer:
    return KafkaConsumer(
        "t",
        bootstrap_servers=broker.bootstrap_servers,
        group_id="g",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=6000,
        heartbeat_interval_ms=50,
    )


def consume(client: KafkaConsumer, count: int) -> list[bytes]:
    found: list[bytes] = []
    give_up = time.monotonic() + DEADLINE_S
    while len(found) < count:
        assert time.monotonic() < give_up, f"{len(found)} of {count} records"
        for records in client.poll(timeout_ms=POLL_MS).values():
            found += [record.value for record in records]
    return found


def test_offsets_and_lag_follow_a_consumer(broker: ThreadedBroker) -> None:
    assert (broker.committed("g"), broker.lag("g")) == ({}, {})
    for value in "abc":
        broker.produce("t", value, partition=0)
    client = consumer(broker)
    assert consume(client, 3) == [b"a", b"b", b"c"]
    client.commit()
    broker.wait_for_group("g")
    broker.wait_for_no_lag("g")
    assert broker.committed("g") == {("t", 0): 3, ("t", 1): 0}
    broker.produce("t", "d", partition=1)
    assert broker.lag("g") == {("t", 0): 0, ("t", 1): 1}
    with pytest.raises(TimeoutError, match="behind"):
        broker.wait_for_no_lag("g", timeout_s=0.02)
    client.close(autocommit=False)
    broker.wait_for_group("g", state="Empty")
    assert broker.groups() == {"g": "Empty"}


def test_a_group_goes_on_after_a_restore_a_moved_coordinator_and_a_forced_rebalance(
    broker: ThreadedBroker,
) -> None:
    broker.produce("t", "a", partition=0)
    client = consumer(broker)
    assert consume(client, 1) == [b"a"]
    client.commit()
    kept = broker.snapshot()
    broker.restore(kept)
    broker.produce("t", "b", partition=0)
    assert consume(client, 1) == [b"b"]
    broker.move_coordinator("g")
    client.commit()
    assert broker.committed("g")["t", 0] == 2
    joins = len(broker.requests("JoinGroup", group="g"))
    broker.force_rebalance("g")
    poll_until(client, lambda: len(broker.requests("JoinGroup", group="g")) > joins)
    broker.produce("t", "c", partition=0)
    assert consume(client, 1) == [b"c"]
    client.close(autocommit=False)

"""Going back, with producers and ids that go on."""

from kafka import KafkaProducer

from kafkacompat import ThreadedBroker
from kafkacompat.embedded.waiting import wait_until


def values(broker: ThreadedBroker) -> list[bytes | None]:
    return [record.value for record in broker.records("t")]


def test_reset_is_the_start_again(broker: ThreadedBroker) -> None:
    identity = broker.port, broker.cluster_id
    broker.produce("t", "x")
    broker.create_topic("new")
    KafkaProducer(bootstrap_servers=broker.bootstrap_servers).close()
    broker.error("Produce", "NOT_LEADER_OR_FOLLOWER")
    assert broker.requests()
    broker.reset()
    assert (broker.topics(), values(broker), broker.faults()) == ({"t": 2}, [], [])
    assert broker.requests() == []
    assert (broker.port, broker.cluster_id) == identity


def test_a_snapshot_is_restored_any_number_of_times(broker: ThreadedBroker) -> None:
    broker.produce("t", "a", partition=0)
    kept = broker.snapshot()
    for value in ("b", "c"):
        broker.produce("t", value, partition=0)
        assert values(broker) == [b"a", value.encode()]
        broker.restore(kept)
        assert values(broker) == [b"a"]


def test_an_idempotent_producer_goes_on_over_a_restore(broker: ThreadedBroker) -> None:
    producer = KafkaProducer(
        bootstrap_servers=broker.bootstrap_servers, enable_idempotence=True, retry_backoff_ms=5
    )
    assert producer.send("t", b"a", partition=0).get(10).offset == 0
    kept = broker.snapshot()
    broker.restore(kept)
    assert producer.send("t", b"b", partition=0).get(10).offset == 1
    broker.restore(broker.snapshot())
    assert producer.send("t", b"c", partition=0).get(10).offset == 2
    producer.close()
    assert values(broker) == [b"a", b"b", b"c"]


def test_a_fork_has_the_same_data_and_its_own_future(broker: ThreadedBroker) -> None:
    broker.produce("t", "a", partition=0)
    with_fork = broker.fork()
    try:
        assert with_fork.cluster_id == broker.cluster_id
        assert with_fork.port != broker.port
        with_fork.produce("t", "fork", partition=0)
        broker.produce("t", "own", partition=0)
        assert values(with_fork) == [b"a", b"fork"]
        assert values(broker) == [b"a", b"own"]
    finally:
        with_fork.stop()


def test_what_nobody_has_opened_since_grows_old_all_the_same() -> None:
    with ThreadedBroker(topics={"t": 1}) as broker:
        broker.produce("t", "x")
        broker.restore(broker.snapshot())
        broker.clock.advance(days=8)
        broker.apply_retention()
        assert broker.records("t") == []


def test_copies_are_apart_though_they_share_what_nobody_opens() -> None:
    with ThreadedBroker(topics={"t": 1, "u": 1}) as broker:
        broker.produce("t", "x")
        first = broker.snapshot()
        broker.restore(first)
        broker.produce("t", "y")
        second = broker.snapshot()
        broker.delete_topic("u")
        broker.restore(first)
        assert ([r.value for r in broker.records("t")], set(broker.topics())) == (
            [b"x"],
            {"t", "u"},
        )
        broker.restore(second)
        assert [record.value for record in broker.records("t")] == [b"x", b"y"]
        broker.restore(first)
        assert [record.value for record in broker.records("t")] == [b"x"]


def test_a_reset_can_make_topics_and_lets_the_time_go_on() -> None:
    with ThreadedBroker() as broker:
        broker.clock.freeze()
        broker.reset({"t": 2, "u": 1})
        assert broker.topics() == {"t": 2, "u": 1}
        before = broker.clock.now_ms
        wait_until(lambda: broker.clock.now_ms > before, lambda: "time stands still", 10)

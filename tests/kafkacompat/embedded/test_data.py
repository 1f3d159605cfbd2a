"""Topics and records in one call."""

import pytest

from kafkacompat import ThreadedBroker
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.record import Record


def test_topics_are_made_shown_and_deleted(broker: ThreadedBroker) -> None:
    broker.create_topic("new", 3, config={"retention.ms": "5"})
    assert broker.topics() == {"t": 2, "new": 3}
    with pytest.raises(KafkaError) as raised:
        broker.create_topic("new")
    assert raised.value.code == ErrorCode.TOPIC_ALREADY_EXISTS
    broker.delete_topic("new")
    assert broker.topics() == {"t": 2}


def test_a_record_comes_back_as_it_was_written(broker: ThreadedBroker) -> None:
    place = broker.produce(
        "t", "value", key=b"key", headers=[("h", b"x"), ("n", None)], timestamp=5, partition=1
    )
    assert place == (1, 0)
    (record,) = broker.records("t")
    assert (record.partition, record.offset, record.timestamp) == (1, 0, 5)
    assert (record.key, record.value) == (b"key", b"value")
    assert record.headers == [("h", b"x"), ("n", None)]
    assert broker.end_offsets("t") == {0: 0, 1: 1}


def test_one_key_is_one_partition(broker: ThreadedBroker) -> None:
    assert len({broker.produce("t", None, key="same")[0] for _ in range(5)}) == 1
    assert {broker.produce("t", None, key=f"{n}")[0] for n in range(20)} == {0, 1}


def test_a_topic_that_is_not_there_has_no_records(broker: ThreadedBroker) -> None:
    with pytest.raises(KafkaError) as raised:
        broker.records("missing")
    assert raised.value.code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_many_records_are_read_in_pieces(broker: ThreadedBroker) -> None:
    for first in range(0, 40_000, 10_000):
        batch = [Record(n, 0, None, b"%d" % (first + n) * 100) for n in range(10_000)]
        for at in range(0, 10_000, 1000):
            part = batch[at : at + 1000]
            for number, record in enumerate(part):
                record.offset = number
            broker.produce_batch("t", 0, part)
    found = broker.records("t", partition=0)
    assert [record.offset for record in found] == list(range(40_000))
    assert found[-1].value == b"39999" * 100


def test_waiting_says_what_there_is_instead(broker: ThreadedBroker) -> None:
    broker.produce("t", "x")
    assert len(broker.wait_for_records("t", 1)) == 1
    with pytest.raises(TimeoutError, match="t has 1 of 2 records"):
        broker.wait_for_records("t", 2, timeout_s=0.02)


def test_a_block_produces_what_it_says(broker: ThreadedBroker) -> None:
    broker.produce("t", "before")
    with broker.assert_produces("t", 2) as arrived:
        broker.produce("t", "a")
        broker.produce("t", "b")
    assert [record.value for record in arrived] == [b"a", b"b"]
    with pytest.raises(AssertionError, match="was to get 1 records, it got 2"):
        produce_two(broker, expected=1)
    with pytest.raises(AssertionError, match="was to get 3"):
        produce_two(broker, expected=3)


def produce_two(broker: ThreadedBroker, expected: int) -> None:
    with broker.assert_produces("t", expected, timeout_s=0.05):
        broker.produce("t", "a")
        broker.produce("t", "b")

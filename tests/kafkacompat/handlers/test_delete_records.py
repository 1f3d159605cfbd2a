"""DeleteRecords over the wire."""

from pathlib import Path

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.delete_records import (
    DeleteRecordsPartition,
    DeleteRecordsRequest,
    DeleteRecordsTopic,
)
from kafkacompat_protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsTopic,
)
from tests.support.node import RunningNode, running_node
from tests.support.produced import batch, fetch, produce, values_of
from tests.support.transactions_on_the_wire import WireProducer

NONE, OUT_OF_RANGE = ErrorCode.NONE, ErrorCode.OFFSET_OUT_OF_RANGE


def delete(
    broker: RunningNode, *wanted: tuple[int, int], topic: str = "t", version: int = 2
) -> list[tuple[int, int, int]]:
    """Delete the records of partitions before offsets; return (partition, start, error)."""
    parts = [DeleteRecordsPartition(partition_index=index, offset=at) for index, at in wanted]
    asked = DeleteRecordsTopic(name=topic, partitions=parts)
    (told,) = broker.call(DeleteRecordsRequest(topics=[asked], timeout_ms=1000), version).topics
    assert told.name == topic
    return [(p.partition_index, p.low_watermark, p.error_code) for p in told.partitions]


def start_of(broker: RunningNode, topic: str = "t") -> int:
    part = ListOffsetsPartition(partition_index=0, timestamp=-2)
    asked = ListOffsetsRequest(topics=[ListOffsetsTopic(name=topic, partitions=[part])])
    offset: int = broker.call(asked, 5).topics[0].partitions[0].offset
    return offset


@pytest.mark.parametrize("version", range(3))
def test_records_before_an_offset_are_gone_in_every_version(
    broker: RunningNode, version: int
) -> None:
    topic = f"t{version}"
    broker.create_topic(topic, 2)
    for value in (b"a", b"b", b"c"):
        produce(broker, batch(value), topic=topic)
    assert delete(broker, (0, 2), (1, 0), topic=topic, version=version) == [(0, 2, 0), (1, 0, 0)]
    assert start_of(broker, topic) == 2
    assert fetch(broker, 1, topic=topic).error_code == OUT_OF_RANGE
    assert values_of(fetch(broker, 2, topic=topic).records) == [(2, b"c")]
    assert delete(broker, (0, 1), topic=topic, version=version) == [(0, 2, 0)]
    assert delete(broker, (0, -1), topic=topic, version=version) == [(0, 3, 0)]
    assert fetch(broker, 3, topic=topic).error_code == NONE
    assert produce(broker, batch(b"d"), topic=topic).base_offset == 3


def test_what_cannot_be_deleted_is_refused(broker: RunningNode) -> None:
    broker.create_topic("t")
    produce(broker, batch(b"a"))
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    told = delete(broker, (0, 2), (0, -2), (7, 0))
    assert told == [(0, -1, OUT_OF_RANGE), (7, -1, unknown)]
    assert delete(broker, (0, 2)) == [(0, -1, OUT_OF_RANGE)]
    assert delete(broker, (0, 0), topic="missing") == [(0, -1, unknown)]
    assert delete(broker, (0, 0), topic="__cluster_metadata") == [(0, -1, unknown)]
    broker.create_topic("compacted", cleanup_policy="compact")
    told = delete(broker, (0, 0), topic="compacted")
    assert told == [(0, -1, ErrorCode.POLICY_VIOLATION)]
    broker.create_topic("both", cleanup_policy="compact,delete")
    assert delete(broker, (0, -1), topic="both") == [(0, 0, NONE)]


def test_the_brokers_own_topics_are_not_touched(broker: RunningNode) -> None:
    broker.create_topic("__transaction_state")
    told = delete(broker, (0, 0), topic="__transaction_state")
    assert told == [(0, -1, ErrorCode.INVALID_TOPIC_EXCEPTION)]


def test_a_transaction_that_lost_its_records_still_ends(broker: RunningNode) -> None:
    broker.create_topic("x")
    producer = WireProducer(broker, topic="x")
    producer.init()
    producer.send(b"a", b"b")
    assert delete(broker, (0, 2), topic="x") == [(0, 2, NONE)]
    log = broker.run(lambda: broker.node.partitions.find("x", 0).log)
    assert broker.run(lambda: log.last_stable_offset) == 2
    producer.end(commit=False)
    broker.wait_until(lambda: log.last_stable_offset == 3)
    told = fetch(broker, 2, topic="x", isolation_level=1)
    assert (told.error_code, told.last_stable_offset, told.high_watermark) == (NONE, 3, 3)


def test_a_restart_begins_where_the_records_were_deleted(tmp_path: Path) -> None:
    config = {"log.dirs": f"{tmp_path}/data", "kafkacompat.durability": "fsync"}
    with running_node(config) as broker:
        broker.create_topic("t")
        for value in (b"a", b"b"):
            produce(broker, batch(value))
        assert delete(broker, (0, 1)) == [(0, 1, NONE)]
        text = (tmp_path / "data" / "log-start-offset-checkpoint").read_text()
        assert text.split() == ["0", "1", "t", "0", "1"]
    with running_node(config) as broker:
        assert start_of(broker) == 1
        assert fetch(broker, 0).error_code == OUT_OF_RANGE
        assert values_of(fetch(broker, 1).records) == [(1, b"b")]

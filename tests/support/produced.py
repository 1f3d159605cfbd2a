"""Produce and fetch over the wire, for tests."""

from typing import Any

from kafkacompat_protocol.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from kafkacompat_protocol.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    TopicProduceData,
)
from kafkacompat_protocol.records.record import Record, build_records_batch, iterate_records
from tests.support.node import RunningNode

NOW_MS = 1_700_000_000_000


def batch(*values: bytes, timestamp: int = NOW_MS, **fields: Any) -> bytes:
    """Return a batch of records with these values."""
    records = [
        Record(offset=i, timestamp=timestamp + i, key=None, value=value)
        for i, value in enumerate(values)
    ]
    return bytes(build_records_batch(records, **fields))


def produce_request(
    records: bytes | None, *, topic: str = "t", topic_id: bytes = bytes(16), **fields: Any
) -> ProduceRequest:
    """Return a Produce request for partition 0 (or `index`)."""
    data = PartitionProduceData(index=fields.pop("index", 0), records=records)
    return ProduceRequest(
        acks=fields.pop("acks", -1),
        timeout_ms=10_000,
        topic_data=[TopicProduceData(name=topic, topic_id=topic_id, partition_data=[data])],
        **fields,
    )


def produce(broker: RunningNode, records: bytes | None, version: int = 8, **fields: Any) -> Any:
    """Produce to one partition; return its slot of the answer."""
    told = broker.call(produce_request(records, **fields), version)
    return told.responses[0].partition_responses[0]


def fetch_request(
    offset: int = 0, *, topic: str = "t", topic_id: bytes = bytes(16), **fields: Any
) -> FetchRequest:
    """Return a Fetch request for partition 0 (or `partition`) that does not wait."""
    part = FetchPartition(
        partition=fields.pop("partition", 0),
        fetch_offset=offset,
        partition_max_bytes=fields.pop("partition_max_bytes", 1 << 20),
        current_leader_epoch=fields.pop("current_leader_epoch", -1),
        last_fetched_epoch=fields.pop("last_fetched_epoch", -1),
    )
    return FetchRequest(
        max_wait_ms=fields.pop("max_wait_ms", 0),
        min_bytes=fields.pop("min_bytes", 1),
        topics=[FetchTopic(topic=topic, topic_id=topic_id, partitions=[part])],
        **fields,
    )


def fetch(broker: RunningNode, offset: int = 0, version: int = 11, **fields: Any) -> Any:
    """Fetch from one partition; return its slot of the answer."""
    told = broker.call(fetch_request(offset, **fields), version)
    return told.responses[0].partitions[0]


def values_of(records: Any) -> list[tuple[int, bytes | None]]:
    """Return (offset, value) of all records in v2 batches."""
    from kafkacompat_protocol.records.batch import read_batches

    content = bytes(records or b"")
    return [
        (record.offset, record.value)
        for at, header in read_batches(content)
        if not header.is_control
        for record in iterate_records(content[at : at + header.size])
    ]

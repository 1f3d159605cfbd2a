"""Fetch before v4 gets old message formats, however much there is."""

from collections.abc import Iterator

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.records.legacy import iterate_messages
from kafkacompat_protocol.records.record import Record, build_records_batch
from tests.support.node import RunningNode, running_node
from tests.support.produced import NOW_MS, batch, fetch, fetch_request, produce, produce_request


@pytest.fixture
def broker() -> Iterator[RunningNode]:
    with running_node() as running:
        running.create_topic("t")
        yield running


def built(count: int, codec: int = 0, size: int = 20) -> bytes:
    records = [Record(at, NOW_MS, b"k", b"%d " % at * size) for at in range(count)]
    return bytes(build_records_batch(records, compression=codec))


@pytest.mark.parametrize("version", [0, 1, 2, 3])
@pytest.mark.parametrize(("count", "is_large"), [(3, False), (2000, True)])
@pytest.mark.parametrize("codec", [0, 1])
def test_all_of_it_is_converted(
    broker: RunningNode, version: int, count: int, is_large: bool, codec: int
) -> None:
    produce(broker, built(count, codec))
    told = fetch(broker, version=version, partition_max_bytes=1 << 20)
    records = list(iterate_messages(told.records))
    assert [record.offset for record in records] == list(range(count))
    assert records[-1].value == b"%d " % (count - 1) * 20
    assert records[0].timestamp == (-1 if version < 2 else NOW_MS)
    assert broker.run(lambda: broker.node._worker.worker.is_running) == is_large


def test_a_fetch_that_waited_is_converted_too(broker: RunningNode) -> None:
    client = broker.client()
    client.send(fetch_request(max_wait_ms=20_000, partition_max_bytes=1 << 20), 2)
    broker.wait_until(lambda: bool(broker.node.partitions.find("t", 0).waiting))
    produce(broker, built(2000))
    told = client.receive(1, 2).responses[0].partitions[0]
    assert len(list(iterate_messages(told.records))) == 2000


@pytest.mark.parametrize("size", [1, 5000])
def test_zstd_cannot_be_had_in_old_formats(broker: RunningNode, size: int) -> None:
    produce(broker, built(3, 4, size))
    told = fetch(broker, version=3)
    assert told.error_code == ErrorCode.UNSUPPORTED_COMPRESSION_TYPE
    assert not told.records


def test_later_requests_wait_behind_a_conversion(broker: RunningNode) -> None:
    produce(broker, built(2000))
    client = broker.client()
    client.send(fetch_request(partition_max_bytes=1 << 20), 2)
    client.send(produce_request(batch(b"x")), 8)
    assert client.receive(1, 2).responses[0].partitions[0].records
    assert client.receive(0, 8).responses[0].partition_responses[0].base_offset == 2000

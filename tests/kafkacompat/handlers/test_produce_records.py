"""Records that are looked at before they are appended: at once, or in another process."""

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from kafkacompat.handlers import produce_records
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.records.batch import read_batches, read_header
from kafkacompat_protocol.records.legacy import build_message_set
from kafkacompat_protocol.records.record import Record, build_records_batch
from tests.support.node import RunningNode, running_node
from tests.support.produced import NOW_MS, batch, fetch, produce, produce_request, values_of

LARGE = [Record(at, NOW_MS, b"k", b"%d " % at * 20) for at in range(2000)]


@pytest.fixture
def broker() -> Iterator[RunningNode]:
    with running_node() as running:
        yield running


def die(*arguments: Any) -> None:
    os._exit(1)


def built(records: list[Record], codec: int = 0, **frame: Any) -> bytes:
    return bytes(build_records_batch(records, compression=codec, **frame))


@pytest.mark.parametrize("count", [3, 2000])
def test_batches_get_the_topics_codec(broker: RunningNode, count: int) -> None:
    broker.create_topic("t", compression_type="lz4")
    assert produce(broker, built(LARGE[:count], 1)).base_offset == 0
    assert produce(broker, built(LARGE[:count])).base_offset == count
    found = fetch(broker, partition_max_bytes=1 << 20).records
    assert [header.compression for _, header in read_batches(found)] == [3, 3]
    assert [value for _, value in values_of(found)] == [r.value for r in LARGE[:count]] * 2


def test_what_is_large_holds_nobody_up_but_those_behind_it(
    broker: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.create_topic("t", compression_type="gzip")
    broker.create_topic("other")
    may_go_on = threading.Event()
    call = broker.node._worker.worker.call

    def held_up(*arguments: Any) -> Any:
        assert may_go_on.wait(20)
        return call(*arguments)

    monkeypatch.setattr(broker.node._worker.worker, "call", held_up)
    client = broker.client()
    client.send(produce_request(built(LARGE)), 8)
    client.send(produce_request(batch(b"behind")), 8)
    assert produce(broker, batch(b"x"), topic="other").error_code == 0
    assert fetch(broker).high_watermark == 0
    may_go_on.set()
    told = [client.receive(0, 8).responses[0].partition_responses[0] for _ in range(2)]
    assert [(slot.error_code, slot.base_offset) for slot in told] == [(0, 0), (0, 2000)]


def test_a_pipeline_of_an_idempotent_producer_keeps_its_order(broker: RunningNode) -> None:
    broker.create_topic("t", compression_type="zstd")
    client = broker.client()
    sequence = 0
    for size in (2000, 1, 1500, 2, 2000):
        who = {"producer_id": 5, "producer_epoch": 0, "base_sequence": sequence}
        client.send(produce_request(built(LARGE[:size], **who)), 8)
        sequence += size
    told = [client.receive(0, 8).responses[0].partition_responses[0] for _ in range(5)]
    assert [(s.error_code, s.base_offset) for s in told] == [
        (0, 0), (0, 2000), (0, 2001), (0, 3501), (0, 3503),
    ]  # fmt: skip


@pytest.mark.parametrize("count", [3, 2000])
def test_one_partition_that_is_refused_does_not_spoil_another(
    broker: RunningNode, count: int
) -> None:
    broker.create_topic("t", 2, cleanup_policy="compact")
    keyless = [Record(at, NOW_MS, None, b"v") for at in range(count)]
    request = produce_request(built(keyless))
    good = produce_request(built(LARGE[:count]), index=1)
    request.topic_data[0].partition_data += good.topic_data[0].partition_data
    told = broker.call(request, 8).responses[0].partition_responses
    assert [(slot.index, slot.error_code) for slot in told] == [
        (0, ErrorCode.INVALID_RECORD),
        (1, 0),
    ]
    assert len(told[0].record_errors) == min(count, 1000)
    assert fetch(broker, partition=1).high_watermark == count


@pytest.mark.parametrize("count", [3, 2000])
@pytest.mark.parametrize("codec", [0, 2])
def test_old_message_formats_are_converted_whatever_their_size(
    broker: RunningNode, count: int, codec: int
) -> None:
    broker.create_topic("t")
    content = build_message_set(LARGE[:count], 1, codec=codec)
    assert produce(broker, content, 2).base_offset == 0
    assert produce(broker, content, 2).base_offset == count
    found = fetch(broker, partition_max_bytes=1 << 20).records
    assert [value for _, value in values_of(found)] == [r.value for r in LARGE[:count]] * 2
    assert read_header(found).compression == codec


def test_a_small_batch_that_swells_goes_to_the_other_process(broker: RunningNode) -> None:
    broker.create_topic("t", compression_type="uncompressed")
    swelling = built([Record(0, NOW_MS, b"k", bytes(500_000))], 1)
    assert len(swelling) < produce_records.SMALL_BYTES
    assert produce(broker, swelling).error_code == 0
    assert broker.run(lambda: broker.node._worker.worker.is_running)
    bomb = built([Record(0, NOW_MS, b"k", bytes(80 << 20))], 4)
    assert produce(broker, bomb).error_code == ErrorCode.MESSAGE_TOO_LARGE
    assert fetch(broker).high_watermark == 1


def test_a_process_that_dies_costs_one_answer(
    broker: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.create_topic("t", compression_type="gzip")
    monkeypatch.setattr(produce_records, "prepare", die)
    broken = produce(broker, built(LARGE))
    assert broken.error_code == ErrorCode.KAFKA_STORAGE_ERROR
    monkeypatch.undo()
    assert produce(broker, built(LARGE)).error_code == 0


def test_nothing_is_kept_of_a_client_that_went_away(broker: RunningNode) -> None:
    broker.create_topic("t", compression_type="gzip")
    client = broker.client()
    client.send(produce_request(built(LARGE)), 8)
    client.close()
    listener = broker.node.listeners[0]
    log = broker.run(lambda: broker.node.partitions.find("t", 0).log)
    broker.wait_until(lambda: log.end_offset == 2000 and listener._received_bytes == 0)

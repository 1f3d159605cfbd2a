"""Produce over the wire: each row of the promises about produced batches."""

import struct

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.init_producer_id import InitProducerIdRequest
from kafkacompat_protocol.records.legacy import build_message_set
from kafkacompat_protocol.records.record import Record
from tests.support.node import RunningNode
from tests.support.produced import NOW_MS, batch, fetch, produce, produce_request, values_of


@pytest.fixture(scope="module")
def topic_id(broker: RunningNode) -> bytes:
    return broker.create_topic("t", 40)


def patched(content: bytes, at: int, layout: str, value: int) -> bytes:
    """Return a batch with one header field changed and its CRC made right again."""
    from crc32c import crc32c

    changed = bytearray(content)
    struct.pack_into(">" + layout, changed, at, value)
    struct.pack_into(">I", changed, 17, crc32c(bytes(changed[21:])))
    return bytes(changed)


@pytest.mark.parametrize("version", range(3, 14))
def test_a_batch_is_appended_in_every_version(
    broker: RunningNode, topic_id: bytes, version: int
) -> None:
    told = produce(broker, batch(b"a", b"b"), version, topic_id=topic_id, index=version)
    assert (told.error_code, told.base_offset) == (0, 0)
    assert told.log_append_time_ms == -1
    again = produce(broker, batch(b"c"), version, topic_id=topic_id, index=version)
    assert again.base_offset == 2
    found = fetch(broker, partition=version)
    assert values_of(found.records) == [(0, b"a"), (1, b"b"), (2, b"c")]


@pytest.mark.parametrize("version", range(3))
@pytest.mark.parametrize("magic", [0, 1])
def test_old_message_formats_are_converted(
    broker: RunningNode, topic_id: bytes, version: int, magic: int
) -> None:
    index = 20 + version * 2 + magic
    records = [Record(offset=i, timestamp=NOW_MS, key=b"k", value=b"v%d" % i) for i in range(3)]
    content = bytes(build_message_set(records, magic))
    told = produce(broker, content, version, index=index)
    assert (told.error_code, told.base_offset) == (0, 0)
    found = fetch(broker, partition=index)
    assert values_of(found.records) == [(0, b"v0"), (1, b"v1"), (2, b"v2")]


@pytest.mark.parametrize("acks", [2, -2, 100])
def test_acks_that_do_not_exist_are_refused(
    broker: RunningNode, topic_id: bytes, acks: int
) -> None:
    told = produce(broker, batch(b"a"), acks=acks)
    assert (told.error_code, told.base_offset) == (ErrorCode.INVALID_REQUIRED_ACKS, -1)


GOOD = batch(b"a", b"b")

BAD_BATCHES = {
    "no records": (b"", ErrorCode.INVALID_RECORD),
    "null": (None, ErrorCode.INVALID_RECORD),
    "shorter than a header": (GOOD[:60], ErrorCode.CORRUPT_MESSAGE),
    "cut short": (GOOD[:-1], ErrorCode.CORRUPT_MESSAGE),
    "several batches": (GOOD + GOOD, ErrorCode.INVALID_RECORD),
    "magic 1": (GOOD[:16] + b"\x01" + GOOD[17:], ErrorCode.INVALID_RECORD),
    "wrong crc": (GOOD[:-1] + b"\x7f", ErrorCode.CORRUPT_MESSAGE),
    "base offset": (patched(GOOD, 0, "q", 7), ErrorCode.INVALID_RECORD),
    "no count": (patched(GOOD, 57, "i", 0), ErrorCode.INVALID_RECORD),
    "count and delta differ": (patched(GOOD, 57, "i", 5), ErrorCode.INVALID_RECORD),
    "control bit": (patched(GOOD, 21, "h", 0x20), ErrorCode.INVALID_RECORD),
    "transactional, of nobody": (
        patched(GOOD, 21, "h", 0x10),
        ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    ),
    "producer without sequence": (
        batch(b"a", producer_id=5, producer_epoch=0, base_sequence=-1),
        ErrorCode.INVALID_RECORD,
    ),
    "from the future": (batch(b"a", timestamp=NOW_MS * 2), ErrorCode.INVALID_TIMESTAMP),
    "too large": (batch(b"x" * 1_100_000), ErrorCode.MESSAGE_TOO_LARGE),
}


@pytest.mark.parametrize("name", BAD_BATCHES)
def test_a_bad_batch_is_refused_and_nothing_is_appended(
    broker: RunningNode, topic_id: bytes, name: str
) -> None:
    content, code = BAD_BATCHES[name]
    told = produce(broker, content, index=30)
    assert (told.error_code, told.base_offset) == (code, -1)
    assert fetch(broker, partition=30).high_watermark == 0


@pytest.mark.parametrize(("version", "code"), [(6, 76), (7, 0)])
def test_zstd_needs_version_7(
    broker: RunningNode, topic_id: bytes, version: int, code: int
) -> None:
    assert produce(broker, batch(b"a", compression=4), version, index=31).error_code == code


def test_a_partition_that_does_not_exist_is_unknown(broker: RunningNode, topic_id: bytes) -> None:
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert produce(broker, GOOD, topic="missing").error_code == unknown
    assert produce(broker, GOOD, index=99).error_code == unknown
    missing = produce(broker, GOOD, 13, topic_id=bytes(15) + b"\x09")
    assert missing.error_code == ErrorCode.UNKNOWN_TOPIC_ID


def test_the_topic_is_looked_at_before_the_batch(broker: RunningNode, topic_id: bytes) -> None:
    told = produce(broker, b"garbage", topic="missing")
    assert told.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_internal_topics_take_no_records(broker: RunningNode) -> None:
    from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest

    broker.call(FindCoordinatorRequest(key="g"), 2)
    told = produce(broker, GOOD, topic="__consumer_offsets")
    assert told.error_code == ErrorCode.INVALID_TOPIC_EXCEPTION


def test_a_null_key_on_a_compacted_topic_is_named(broker: RunningNode) -> None:
    broker.create_topic("compacted", cleanup_policy="compact")
    told = produce(broker, GOOD, topic="compacted")
    assert told.error_code == ErrorCode.INVALID_RECORD
    assert [error.batch_index for error in told.record_errors] == [0, 1]


def test_a_topic_with_the_brokers_time_says_when_it_appended(broker: RunningNode) -> None:
    broker.create_topic("stamped", message_timestamp_type="LogAppendTime")
    assert produce(broker, GOOD, topic="stamped").log_append_time_ms > NOW_MS


def test_an_idempotent_producers_retry_gets_the_old_offset(
    broker: RunningNode, topic_id: bytes
) -> None:
    told = broker.call(InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=0), 3)
    who = {"producer_id": told.producer_id, "producer_epoch": told.producer_epoch}
    for number in range(6):
        answer = produce(broker, batch(b"x", base_sequence=number, **who), index=32)
        assert (answer.error_code, answer.base_offset) == (0, number)
    for number in range(1, 6):
        answer = produce(broker, batch(b"x", base_sequence=number, **who), index=32)
        assert (answer.error_code, answer.base_offset) == (0, number)
    gap = produce(broker, batch(b"x", base_sequence=9, **who), index=32)
    assert gap.error_code == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert fetch(broker, partition=32).high_watermark == 6


def test_a_former_epoch_is_fenced(broker: RunningNode, topic_id: bytes) -> None:
    newer = batch(b"x", producer_id=77, producer_epoch=3, base_sequence=0)
    older = batch(b"x", producer_id=77, producer_epoch=2, base_sequence=0)
    assert produce(broker, newer, index=33).error_code == 0
    assert produce(broker, older, index=33).error_code == ErrorCode.INVALID_PRODUCER_EPOCH


def test_without_acks_nothing_is_answered(broker: RunningNode, topic_id: bytes) -> None:
    client = broker.client()
    client.send(produce_request(GOOD, acks=0, index=34), 7)
    assert client.call(produce_request(GOOD, index=34), 7).responses


def test_an_error_without_acks_closes_the_connection(broker: RunningNode, topic_id: bytes) -> None:
    client = broker.client()
    client.send(produce_request(GOOD, acks=0, topic="missing"), 7)
    assert client.is_closed()


def test_one_bad_partition_does_not_spoil_the_others(broker: RunningNode, topic_id: bytes) -> None:
    request = produce_request(GOOD, index=35)
    request.topic_data.append(produce_request(GOOD, topic="missing").topic_data[0])
    told = broker.call(request, 8)
    codes = [t.partition_responses[0].error_code for t in told.responses]
    assert codes == [0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]

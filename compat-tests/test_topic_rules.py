"""What a topic's rules make of produced records, here and on Apache Kafka: the same.

Every batch is sent to a topic with every rule; the answers are compared, and then what is in the
log: offsets, timestamps, keys, values, headers, codecs, types of timestamps.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
)
from kafkacompat_protocol.messages.metadata import MetadataRequest, MetadataRequestTopic
from kafkacompat_protocol.records.batch import build_batch, read_batches
from kafkacompat_protocol.records.legacy import build_message_set
from kafkacompat_protocol.records.record import (
    Record,
    build_records_batch,
    encode_records,
    iterate_records,
)
from tests.support.node import WireClient, running_node
from tests.support.produced import fetch_request, produce_request
from tests.support.toolchains import kafka_home_module, require_kafka_home

HOUR_MS = 3_600_000
NOW_MS = time.time_ns() // 1_000_000
DEADLINE_S = 60
SETTINGS = {"log.message.timestamp.after.max.ms": str(HOUR_MS)}  # Kafka 4's default

RULES: dict[str, dict[str, str]] = {
    "plain": {},
    "uncompressed": {"compression.type": "uncompressed"},
    "gzip": {"compression.type": "gzip"},
    "gzip-9": {"compression.type": "gzip", "compression.gzip.level": "9"},
    "snappy": {"compression.type": "snappy"},
    "lz4": {"compression.type": "lz4"},
    "lz4-17": {"compression.type": "lz4", "compression.lz4.level": "17"},
    "zstd": {"compression.type": "zstd"},
    "zstd-1": {"compression.type": "zstd", "compression.zstd.level": "-1"},
    "stamped": {"message.timestamp.type": "LogAppendTime"},
    "stamped-gzip": {"message.timestamp.type": "LogAppendTime", "compression.type": "gzip"},
    "compacted": {"cleanup.policy": "compact"},
    "compacted-lz4": {"cleanup.policy": "compact,delete", "compression.type": "lz4"},
    "young": {"message.timestamp.before.max.ms": str(HOUR_MS)},
    "young-compacted": {
        "message.timestamp.before.max.ms": str(HOUR_MS),
        "cleanup.policy": "compact",
    },
    "future": {"message.timestamp.after.max.ms": str(1 << 60)},
    "short": {"max.message.bytes": "2000"},
    "short-uncompressed": {"max.message.bytes": "2000", "compression.type": "uncompressed"},
}
"""Settings of a topic, by its name."""


class Case(NamedTuple):
    """Records for partition 0, and the version of Produce that carries them."""

    name: str
    version: int
    content: bytes


def keyed(count: int, start_ms: int = NOW_MS, value: bytes = b"some value ") -> list[Record]:
    return [
        Record(at, start_ms + at, b"key-%d" % (at % 7), value * 3, [("h", b"x"), ("n", None)])
        for at in range(count)
    ]


def built(records: list[Record], codec: int = 0, **frame: Any) -> bytes:
    return bytes(build_records_batch(records, compression=codec, **frame))


def cases() -> Iterator[Case]:
    for codec in range(5):
        yield Case(f"codec {codec}", 8, built(keyed(5), codec))
        yield Case(f"large, codec {codec}", 8, built(keyed(3000), codec))
    for magic in (0, 1):
        for codec in range(4):
            content = build_message_set(keyed(5), magic, codec=codec)
            yield Case(f"format {magic}, codec {codec}", 2, content)
            content = build_message_set(keyed(2000), magic, codec=codec)
            yield Case(f"large, format {magic}, codec {codec}", 2, content)
        some = keyed(4)
        some[2].key = None
        yield Case(f"format {magic} without a key", 2, build_message_set(some, magic))
    idempotent = {"producer_id": 5, "producer_epoch": 0, "base_sequence": 0}
    yield Case("idempotent", 8, built(keyed(3), 1, **idempotent))
    some = keyed(6)
    some[1].key = some[4].key = None
    yield Case("two without keys", 8, built(some))
    yield Case("two without keys, gzip", 8, built(some, 1))
    for record in keyed(5):
        some.append(Record(record.offset + 6, record.timestamp, None, b"v"))
    yield Case("many without keys", 8, built(some))
    for name, by_ms in (("old", -3 * HOUR_MS), ("new", 3 * HOUR_MS)):
        for codec in (0, 3):
            some = keyed(4)
            some[0].timestamp += by_ms
            yield Case(f"{name} first, codec {codec}", 8, built(some, codec))
            some = keyed(4)
            some[2].timestamp += by_ms
            some[2].key = None
            yield Case(f"{name} and without a key, codec {codec}", 8, built(some, codec))
            some[1].timestamp += by_ms
            yield Case(f"two {name}, codec {codec}", 8, built(some, codec))
    yield Case("no timestamps", 8, built([Record(0, -1, b"k", b"v"), Record(1, -1, b"k", b"w")]))
    yield Case(
        "null values", 8, built([Record(0, NOW_MS, b"k", None), Record(1, NOW_MS, b"", b"")])
    )


ODD = ("offsets skip", "more than it says", "fewer than it says", "ends early")
UNREAD = ("plain", "stamped", "future", "short")
"""Topics whose records are not looked at here. Kafka looks at all, and mends offsets that skip."""


def odd_cases() -> Iterator[Case]:
    """Batches whose records are not what their header says."""
    frame = {"base_offset": 0, "base_timestamp": NOW_MS, "max_timestamp": NOW_MS}
    skipping = [Record(0, NOW_MS, b"k", b"v"), Record(2, NOW_MS, b"k", b"v")]
    payload = encode_records(skipping, base_timestamp=NOW_MS)
    yield Case("offsets skip", 8, bytes(build_batch(payload, record_count=2, **frame)))
    payload = encode_records(keyed(3), base_timestamp=NOW_MS)
    yield Case("more than it says", 8, bytes(build_batch(payload, record_count=2, **frame)))
    yield Case("fewer than it says", 8, bytes(build_batch(payload, record_count=4, **frame)))
    yield Case("ends early", 8, bytes(build_batch(payload[:-3], record_count=3, **frame)))


def stored(client: WireClient, topic: str, offset: int) -> list[Any]:
    """Return what a log has from an offset on, batch by batch."""
    request = fetch_request(offset, topic=topic, partition_max_bytes=8 << 20, max_bytes=8 << 20)
    slot = client.call(request, 11).responses[0].partitions[0]
    found = []
    content = bytes(slot.records)
    for at, header in read_batches(content):
        try:
            records = list(iterate_records(content[at : at + header.size]))
        except KafkaError:
            found.append((header._replace(crc=0, partition_leader_epoch=0), []))
            continue
        if header.timestamp_type:
            for record in records:
                assert abs(record.timestamp - time.time() * 1000) < HOUR_MS
                record.timestamp = 0
            header = header._replace(max_timestamp=0)
        found.append((header._replace(crc=0, batch_length=0, partition_leader_epoch=0), records))
    return found


def told(address: tuple[str, int], produce_from: int) -> Iterator[tuple[str, Any]]:
    """Send everything to a broker; yield the name of each case, and what came of it."""
    client = WireClient(address)
    topics = [
        CreatableTopic(
            name=name,
            num_partitions=1,
            replication_factor=1,
            assignments=[],
            configs=[CreatableTopicConfig(name=key, value=value) for key, value in rules.items()],
        )
        for name, rules in RULES.items()
    ]
    client.call(CreateTopicsRequest(topics=topics), 7)
    wait_for_leaders(client)
    for topic in RULES:
        offset = 0
        for case in (*cases(), *odd_cases()):
            if case.version < produce_from:
                continue
            request = produce_request(case.content, topic=topic)
            slot = produced(client, request, case.version)
            log = stored(client, topic, offset) if not slot.error_code else []
            yield f"{topic}: {case.name}", (answer(slot, offset), relative(log, offset))
            offset = log[-1][0].next_offset if log else offset
    client.close()


def produced(client: WireClient, request: Any, version: int) -> Any:
    """Return a partition's slot of the answer, once the partition is led."""
    give_up = time.monotonic() + DEADLINE_S
    while True:
        slot = client.call(request, version).responses[0].partition_responses[0]
        if slot.error_code != ErrorCode.NOT_LEADER_OR_FOLLOWER:
            return slot
        assert time.monotonic() < give_up, "the partition gets no leader"
        time.sleep(0.05)


def wait_for_leaders(client: WireClient) -> None:
    give_up = time.monotonic() + DEADLINE_S
    wanted = [MetadataRequestTopic(name=name) for name in RULES]
    while True:
        topics = client.call(MetadataRequest(topics=wanted), 9).topics
        if all(topic.partitions and not topic.error_code for topic in topics):
            return
        assert time.monotonic() < give_up, "the topics get no leaders"
        time.sleep(0.05)


def relative(log: list[Any], offset: int) -> list[Any]:
    """Return batches as if the log had begun with them."""
    found = []
    for header, records in log:
        for record in records:
            record.offset -= offset
        found.append((header._replace(base_offset=header.base_offset - offset), records))
    return found


def answer(slot: Any, offset: int) -> Any:
    errors = [(e.batch_index, sized(e.batch_index_error_message)) for e in slot.record_errors]
    message = sized(slot.error_message) if errors else None
    base = slot.base_offset if slot.error_code else slot.base_offset - offset
    return slot.error_code, base, slot.log_append_time_ms > 0, errors, message


def sized(text: str | None) -> str:
    """Without the limits of time, which are a moment's."""
    return re.sub(r"within \[-?\d+, -?\d+\]", "within [limits]", text or "")


@pytest.mark.parametrize(("version", "produce_from"), [("3.9.1", 2), ("4.3.1", 3)])
def test_a_topics_rules_make_the_same_of_what_is_produced(
    tmp_path: Path, version: str, produce_from: int
) -> None:
    home = require_kafka_home(version)
    with kafka_home_module().running_broker(home, tmp_path, settings=SETTINGS) as kafka:
        theirs = dict(told(("127.0.0.1", kafka.port), produce_from))
    with running_node({}) as broker:
        ours = dict(told(broker.address, produce_from))
    assert theirs.keys() == ours.keys()
    different = [
        f"{name}: Kafka {short(theirs[name])}, we {short(ours[name])}"
        for name in theirs
        if theirs[name] != ours[name] and name.partition(": ")[2] not in ODD
    ]
    assert not different, f"{len(different)} of {len(theirs)}:\n" + "\n".join(different)
    accepted = [name for name in ours if name.partition(": ")[2] in ODD and not ours[name][0][0]]
    assert accepted == [f"{topic}: {name}" for topic in UNREAD for name in ODD]
    refused = {ours[name][0][0] for name in ours if name.partition(": ")[2] in ODD} - {0}
    assert refused == {ErrorCode.INVALID_RECORD}


def short(found: Any) -> str:
    text = repr(found)
    return text if len(text) < 300 else f"{text[:300]}..."

"""The same segments compacted by Apache Kafka and by us: the same batches, field by field.

Transactions that commit and abort, idempotent and plain producers, tombstones, every codec; in the
second round both go on from what Kafka has left, and tombstones have had their time.
"""

import random
import shutil
from pathlib import Path
from typing import NamedTuple

import compaction_campaign as campaign
import pytest
from broker_process import running_broker
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from kafkacompat_protocol.records.batch import BatchHeader, read_batches
from kafkacompat_protocol.records.record import Record, iterate_records
from tests.support.toolchains import require_kafka_home

pytestmark = pytest.mark.java

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
ROUNDS = 40


class Left(NamedTuple):
    """What is left of a batch: its header without lengths, CRC and times, and its records."""

    header: BatchHeader
    has_horizon: bool
    records: list[Record]


def create(bootstrap: str) -> None:
    config = {
        "cleanup.policy": "compact",
        "segment.bytes": str(1 << 20),
        "min.cleanable.dirty.ratio": "0.01",
        "delete.retention.ms": "1",
    }
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(campaign.TOPIC, 1, 1, config=config)])[campaign.TOPIC].result(10)


def fill(bootstrap: str, seed: int) -> None:
    """Write some megabytes, several segments, by all kinds of producers in turn."""
    chance = random.Random(seed)
    plain = [
        Producer({"bootstrap.servers": bootstrap, "compression.type": each}) for each in CODECS
    ]
    idempotent = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True})
    transactional = [
        Producer({"bootstrap.servers": bootstrap, "transactional.id": f"id{number}"})
        for number in range(3)
    ]
    for producer in transactional:
        producer.init_transactions(30)
    for number in range(ROUNDS):
        producer = transactional[number % 3]
        producer.begin_transaction()
        write(producer, chance)
        write(plain[number % 5], chance)
        write(idempotent, chance)
        if number % 4 == 1:
            producer.abort_transaction(30)
        else:
            producer.commit_transaction(30)


def write(producer: Producer, chance: random.Random) -> None:
    """Write a batch of keys that come again."""
    for _ in range(25):
        key = b"key-%d" % chance.randrange(300)
        value = None if chance.random() < 0.1 else chance.randbytes(600).hex()
        producer.produce(campaign.TOPIC, value, key, headers=[("h", b"x")])
    assert producer.flush(30) == 0


def left(folder: Path, end: int) -> dict[int, Left]:
    """Return what is left of the batches before an offset, by their base offsets."""
    found = {}
    for path in sorted(folder.glob("*.log")):
        content = path.read_bytes()
        for at, header in read_batches(content):
            if header.base_offset < end:
                kept = header._replace(batch_length=0, crc=0, base_timestamp=0)
                records = list(iterate_records(content[at : at + header.size]))
                horizon = header.delete_horizon_ms is not None
                found[header.base_offset] = Left(kept, horizon, records)
    return found


def test_every_batch_is_as_kafka_leaves_it(tmp_path: Path) -> None:
    home = require_kafka_home("4.3.1")
    originals = tmp_path / "first"
    with running_broker(originals, *campaign.IDLE) as broker:
        create(broker.bootstrap)
        fill(broker.bootstrap, 1)
    first = compare(home, originals, tmp_path / "1")
    assert any(batch.has_horizon for batch in first.values())
    originals = tmp_path / "1" / "theirs" / "data"
    with running_broker(originals, *campaign.IDLE) as broker:
        fill(broker.bootstrap, 2)
    second = compare(home, originals, tmp_path / "2")
    tombstones = tombstones_of(first)
    assert len(tombstones) > 10
    assert not tombstones & tombstones_of(second), "they have had their time"
    assert any(batch.has_horizon and batch.header.is_control for batch in second.values())


def tombstones_of(batches: dict[int, Left]) -> set[int]:
    records = [record for batch in batches.values() for record in batch.records]
    return {record.offset for record in records if record.value is None}


def compare(home: Path, originals: Path, where: Path) -> dict[int, Left]:
    """Compact copies by both, hold them against each other, and return what Kafka has left."""
    for name in ("ours", "theirs"):
        shutil.copytree(originals, where / name / "data")
    campaign.compact_kafkas(home, where / "theirs")
    campaign.compact_ours(where / "ours" / "data", campaign.Seen())
    end = campaign.active_base(originals)
    assert campaign.cleaned_to(where / "theirs" / "data") == end
    folders = [where / name / "data" / f"{campaign.TOPIC}-0" for name in ("ours", "theirs")]
    ours, theirs = (left(folder, end) for folder in folders)
    ends = {int(path.stem) for path in folders[0].glob("*.log")}
    only_ours = [batch for base, batch in ours.items() if base not in theirs]
    assert all(not batch.records and batch.header.next_offset in ends for batch in only_ours)
    assert {base: batch for base, batch in ours.items() if base in theirs} == theirs
    return theirs

"""Kafka's own kafka-dump-log.sh reads every kind of file that we write, and finds no fault."""

import json
import random
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from broker_process import running_broker
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from contents import CODECS, CONFIGS, PARTITIONS, Contents, fill

from tests.support.toolchains import require_kafka_home

pytestmark = pytest.mark.java

ROLLED = 5000
COMPLAINTS = re.compile(
    r"mismatch|not found|isvalid: false|corrupt|invalid|out of order|non-consecutive|missing"
    r"|unable|exception|failed|does not|error",
    re.IGNORECASE,
)
RECORD = re.compile(
    r"\| offset: (\d+) \w+: (\d+) keySize: -?\d+ valueSize: -?\d+ sequence: -?\d+"
    r" headerKeys: \[(.*?)\](?: key: (.*?))? payload: (.*)"
)


@dataclass
class Files:
    """A data folder of a broker that was stopped, and what it was given."""

    data: Path
    expected: Contents
    rolled: list[str]
    home: Path

    def of(self, partition: str, suffix: str) -> list[Path]:
        """Return a partition's files of one kind, in order."""
        return sorted((self.data / partition).glob(f"*{suffix}"))

    def dump(self, files: list[Path], *options: str) -> str:
        """Run kafka-dump-log.sh; no line of it may complain."""
        command = [str(self.home / "bin" / "kafka-dump-log.sh")]
        command += ["--files", ",".join(map(str, files)), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert _complaints(done.stderr, files) == []
        for line in done.stdout.splitlines():
            known, _, _ = line.partition(" payload: ")
            assert line.startswith("Dumping") or not COMPLAINTS.search(known), line
        for file in files:
            assert f"Dumping {file}" in done.stdout
        return done.stdout


def _complaints(printed: str, files: list[Path]) -> list[str]:
    """Return what was printed, less what 4.3.1 says of its own files too: that a segment's first
    offset does not follow -1."""
    lines = printed.splitlines()
    for file in files:
        said = [
            f"Non-consecutive offsets in {file}",
            f"  -1 is followed by {int(file.stem.partition('-')[0])}",
        ]
        for at in range(len(lines) - 1):
            if lines[at : at + 2] == said:
                del lines[at : at + 2]
                break
    return lines


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    home = require_kafka_home("4.3.1")
    data = tmp_path_factory.mktemp("files") / "data"
    with running_broker(data) as broker:
        expected = fill(broker.bootstrap, "t")
        rolled = _roll(broker.bootstrap)
    return Files(data, expected, rolled, home)


def _roll(bootstrap: str) -> list[str]:
    """Fill several segments, with values that hardly compress, and return these."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    config = {"segment.bytes": "1048576", "retention.ms": "-1"}
    for future in admin.create_topics([NewTopic("rolled", 1, 1, config=config)]).values():
        future.result(30)
    chance = random.Random(1)
    values = [chance.randbytes(300).hex() for _ in range(ROLLED)]
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "compression.type": "lz4",
            "batch.num.messages": 10,
        }
    )
    for number, value in enumerate(values):
        producer.produce("rolled", value, timestamp=1_700_000_000_000 + number)
    assert producer.flush(30) == 0
    return values


@pytest.mark.parametrize("codec", CODECS)
def test_kafka_reads_our_batches_of_every_codec(files: Files, codec: str) -> None:
    logs = [log for n in range(PARTITIONS) for log in files.of(f"t-{codec}-{n}", ".log")]
    shown = files.dump(logs, "--deep-iteration", "--print-data-log")
    for part in shown.split("Dumping ")[1:]:
        index = int(Path(part.splitlines()[0]).parent.name.rpartition("-")[2])
        found = [
            (int(offset), (key or "").encode(), payload.encode(), headers, int(time_ms))
            for offset, time_ms, headers, key, payload in RECORD.findall(part)
        ]
        assert found == [
            (offset, key, value, ",".join(name for name, _ in headers), time_ms)
            for offset, key, value, headers, time_ms in files.expected.records[f"t-{codec}", index]
        ]
        assert set(re.findall(r"compresscodec: (\w+)", part)) == {codec}


def test_kafka_reads_our_segments_in_their_order(files: Files) -> None:
    logs = files.of("rolled-0", ".log")
    shown = files.dump(logs, "--deep-iteration", "--print-data-log")
    assert [payload for *_, payload in RECORD.findall(shown)] == files.rolled
    assert len(logs) >= 3


@pytest.mark.parametrize("options", [(), ("--index-sanity-check",), ("--verify-index-only",)])
@pytest.mark.parametrize("suffix", [".index", ".timeindex"])
def test_kafka_finds_our_indexes_true(files: Files, suffix: str, options: tuple[str, ...]) -> None:
    indexes = files.of("rolled-0", suffix)
    shown = files.dump(indexes, *options)
    entries = Counter(re.findall(r"^(offset|timestamp): \d+", shown, re.MULTILINE))
    if not options:
        assert sum(entries.values()) > 100
    if options == ("--index-sanity-check",):
        assert shown.count("passed sanity check") == len(indexes)


def test_kafka_reads_our_producer_snapshots(files: Files) -> None:
    last = files.of("rolled-0", ".snapshot")[-1]
    shown = files.dump([last])
    found = re.findall(r"producerEpoch: (\d+).* lastOffset: (\d+)", shown)
    assert found == [("0", str(ROLLED - 1))]


def test_kafka_reads_our_committed_offsets(files: Files) -> None:
    logs = [log for log in files.data.glob("__consumer_offsets-*/*.log") if log.stat().st_size]
    shown = files.dump(logs, "--offsets-decoder")
    found = {}
    for *_, key, payload in RECORD.findall(shown):
        where, what = json.loads(key)["data"], json.loads(payload)["data"]
        found[where["group"], where["topic"], where["partition"]] = what["offset"]
    expected = {where: offset for where, (offset, _) in files.expected.offsets.items()}
    assert found == expected


def test_kafka_reads_our_metadata(files: Files) -> None:
    logs = files.of("__cluster_metadata-0", ".log")
    shown = files.dump(logs, "--cluster-metadata-decoder")
    records: list[dict[str, Any]] = [
        json.loads(payload) for *_, payload in RECORD.findall(shown) if payload.startswith("{")
    ]
    topics = {r["data"]["name"] for r in records if r["type"] == "TOPIC_RECORD"}
    assert topics == {*files.expected.configs, "rolled", "__consumer_offsets"}
    configs: dict[str, dict[str, str]] = {}
    for record in records:
        if record["type"] == "CONFIG_RECORD":
            data = record["data"]
            configs.setdefault(data["resourceName"], {})[data["name"]] = data["value"]
    assert {name: configs[name] for name in files.expected.configs} == files.expected.configs
    assert configs["t-gzip"] == CONFIGS["gzip"]


def test_kafka_reads_our_metadata_snapshots(tmp_path: Path) -> None:
    home = require_kafka_home("4.3.1")
    data = tmp_path / "data"
    for _ in range(2):
        with running_broker(
            data, "--override", "metadata.log.max.record.bytes.between.snapshots=1"
        ) as broker:
            admin = AdminClient({"bootstrap.servers": broker.bootstrap})
            admin.create_topics([NewTopic("snapped", 2, 1)])["snapped"].exception(30)
    made = Files(data, Contents(), [], home)
    snapshot = made.of("__cluster_metadata-0", ".checkpoint")[-1]
    shown = made.dump([snapshot], "--cluster-metadata-decoder")
    assert "SnapshotHeader" in shown
    assert "SnapshotFooter" in shown
    assert '"name":"snapped"' in shown

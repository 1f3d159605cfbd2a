"""DescribeLogDirs over the wire."""

from pathlib import Path

import pytest

from kafkacompat_protocol.messages.describe_log_dirs import (
    DescribableLogDirTopic,
    DescribeLogDirsRequest,
    DescribeLogDirsResult,
)
from tests.support.node import RunningNode, running_node
from tests.support.produced import batch, produce

Told = dict[tuple[str, int], int]


def told_of(result: DescribeLogDirsResult) -> Told:
    """Return the sizes of the replicas that a directory has."""
    return {
        (topic.name, part.partition_index): part.partition_size
        for topic in result.topics
        for part in topic.partitions
    }


def wanted(topic: str, *partitions: int) -> DescribeLogDirsRequest:
    asked = DescribableLogDirTopic(topic=topic, partitions=list(partitions))
    return DescribeLogDirsRequest(topics=[asked])


@pytest.mark.parametrize("version", range(6))
def test_directories_are_described_in_every_version(tmp_path: Path, version: int) -> None:
    dirs = [f"{tmp_path}/one", f"{tmp_path}/two"]
    config = {"log.dirs": ",".join(dirs), "kafkacompat.durability": "os"}
    with running_node(config) as broker:
        broker.create_topic("t", 3)
        records = batch(b"a" * 100)
        produce(broker, records)
        produce(broker, records, index=1)
        told = broker.call(DescribeLogDirsRequest(topics=None), version)
    assert told.error_code == 0
    assert [result.log_dir for result in told.results] == dirs
    found = [told_of(result) for result in told.results]
    assert found[0] | found[1] == {("t", 0): len(records), ("t", 1): len(records), ("t", 2): 0}
    sizes = [(result.total_bytes, result.usable_bytes) for result in told.results]
    if version < 4:
        assert sizes == [(-1, -1)] * 2
    else:
        assert all(total >= usable > 0 for total, usable in sizes)


def test_directories_are_told_as_absolute_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with running_node({"log.dirs": "data", "kafkacompat.durability": "os"}) as broker:
        (told,) = broker.call(DescribeLogDirsRequest(topics=None), 5).results
    assert told.log_dir == f"{tmp_path}/data"


def test_only_what_is_asked_for_is_told(broker: RunningNode) -> None:
    broker.create_topic("t", 2)
    (nothing,) = broker.call(DescribeLogDirsRequest(topics=[]), 5).results
    assert (nothing.error_code, nothing.topics) == (0, [])
    (some,) = broker.call(wanted("t", 1, 7), 5).results
    assert told_of(some) == {("t", 1): 0}
    (unknown,) = broker.call(wanted("missing", 0), 5).results
    assert told_of(unknown) == {}
    (metadata,) = broker.call(wanted("__cluster_metadata", 0), 5).results
    assert told_of(metadata) == {}


def test_memory_has_no_size_of_its_own(broker: RunningNode) -> None:
    (told,) = broker.call(DescribeLogDirsRequest(topics=None), 5).results
    assert (told.total_bytes, told.usable_bytes, told.is_cordoned) == (-1, -1, False)

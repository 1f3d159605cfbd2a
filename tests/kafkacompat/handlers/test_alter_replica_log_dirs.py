"""AlterReplicaLogDirs over the wire."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.alter_replica_log_dirs import (
    AlterReplicaLogDir,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirTopic,
)
from kafkacompat_protocol.messages.describe_log_dirs import DescribeLogDirsRequest
from tests.support.node import RunningNode, running_node
from tests.support.produced import batch, produce

UNKNOWN, NO_DIR = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.LOG_DIR_NOT_FOUND


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    folder: Path = tmp_path_factory.mktemp("dirs")
    dirs = f"{folder}/one,{folder}/two"
    with running_node({"log.dirs": dirs, "kafkacompat.durability": "os"}) as running:
        yield running


def move(
    broker: RunningNode, path: str, topic: str, *partitions: int, version: int = 2
) -> list[tuple[int, int]]:
    wanted = AlterReplicaLogDirTopic(name=topic, partitions=list(partitions))
    request = AlterReplicaLogDirsRequest(dirs=[AlterReplicaLogDir(path=path, topics=[wanted])])
    (told,) = broker.call(request, version).results
    assert told.topic_name == topic
    return [(each.partition_index, each.error_code) for each in told.partitions]


def where(broker: RunningNode, topic: str) -> list[tuple[int, str]]:
    """Return the partitions of a topic with their directories; not what is on its way."""
    return sorted(
        (part.partition_index, result.log_dir)
        for result in broker.call(DescribeLogDirsRequest(topics=None), 5).results
        for found in result.topics
        if found.name == topic
        for part in found.partitions
        if not part.is_future_key
    )


@pytest.mark.parametrize("version", range(3))
def test_replicas_move_in_every_version(broker: RunningNode, version: int) -> None:
    topic = f"t{version}"
    one, two = broker.node.store.log_dirs
    broker.create_topic(topic, 3)
    for index in range(2):
        produce(broker, batch(b"x"), topic=topic, index=index)
    for path in (one, two, two):
        told = move(broker, path, topic, 0, 1, 2, version=version)
        assert told == [(0, 0), (1, 0), (2, 0)]
        under_way = broker.node.store.moves.under_way
        broker.wait_until(lambda: not under_way)  # noqa: B023
        assert where(broker, topic) == [(index, path) for index in range(3)]


def test_what_cannot_be_moved_is_refused(broker: RunningNode) -> None:
    one, _ = broker.node.store.log_dirs
    broker.create_topic("t")
    for path in ("/nowhere", "", f"{one}/"):
        assert move(broker, path, "t", 0) == [(0, NO_DIR)]
    assert move(broker, one, "t", 7) == [(7, UNKNOWN)]
    assert move(broker, one, "__cluster_metadata", 0) == [(0, UNKNOWN)]
    broker.create_topic("l" * 230)
    told = move(broker, one, "l" * 230, 0)
    assert told == [(0, ErrorCode.INVALID_TOPIC_EXCEPTION)]


def test_what_does_not_exist_yet_begins_where_it_was_wanted(broker: RunningNode) -> None:
    _, two = broker.node.store.log_dirs
    told = move(broker, two, "later", 0, 1, 2, 3)
    assert told == [(index, UNKNOWN) for index in range(4)]
    broker.create_topic("later", 4)
    assert where(broker, "later") == [(index, two) for index in range(4)]
    for index in range(4):
        produce(broker, batch(b"x"), topic="later", index=index)
    assert where(broker, "later") == [(index, two) for index in range(4)]


def test_directories_go_by_their_absolute_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = {"log.dirs": "one,two", "kafkacompat.durability": "os"}
    with running_node(config) as relative:
        relative.create_topic("t")
        assert move(relative, "two", "t", 0) == [(0, NO_DIR)]
        assert move(relative, f"{tmp_path}/two", "t", 0) == [(0, 0)]
        under_way = relative.node.store.moves.under_way
        relative.wait_until(lambda: not under_way)
        assert where(relative, "t") == [(0, f"{tmp_path}/two")]


def test_in_memory_there_is_one_place() -> None:
    with running_node() as memory:
        memory.create_topic("t")
        assert move(memory, memory.node.store.log_dirs[0], "t", 0) == [(0, 0)]
        assert move(memory, "/elsewhere", "t", 0) == [(0, NO_DIR)]

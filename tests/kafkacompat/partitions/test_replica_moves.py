"""Moves between log directories in a running node: clients do not notice, restarts go on."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kafkacompat_storage.moves import Move
from kafkacompat_storage.names import TopicPartition
from tests.support.node import RunningNode, running_node
from tests.support.produced import batch, fetch, produce, values_of

PLACE = TopicPartition("t", 0)


def config_of(folder: Path) -> dict[str, str]:
    dirs = f"{folder}/one,{folder}/two"
    return {"log.dirs": dirs, "kafkacompat.durability": "fsync"}


def where(broker: RunningNode) -> str:
    """Return the name of the directory that the partition is in, by disk and by metadata."""
    node = broker.node

    def ask() -> tuple[str, str]:
        state = node.image.partition(*PLACE)
        assert state is not None
        directory = state.directory_of(node.node_id)
        assert directory is not None
        return node.store.log_dir_of(*PLACE), node.store.directories[directory]

    on_disk, noted = broker.run(ask)
    assert on_disk == noted
    return on_disk.rpartition("/")[2]


def other(broker: RunningNode) -> str:
    """Return the path of the directory that the partition is not in."""
    here = broker.run(lambda: broker.node.store.log_dir_of(*PLACE))
    (there,) = [path for path in broker.node.store.log_dirs if path != here]
    return there


def begin(broker: RunningNode) -> None:
    path = other(broker)
    broker.run(lambda: broker.node.moves.begin(PLACE, path))


def wait_for_end(broker: RunningNode) -> None:
    tasks = broker.node._tasks
    broker.wait_until(lambda: not broker.node.store.moves.under_way and not tasks)


def held_up(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Have copying wait; return (it has begun, it may go on)."""
    begun, may_go_on = threading.Event(), threading.Event()
    copy: Callable[..., None] = Move.copy

    def wait(move: Move, pieces: list[object]) -> None:
        begun.set()
        assert may_go_on.wait(20)
        copy(move, pieces)

    monkeypatch.setattr(Move, "copy", wait)
    return begun, may_go_on


def test_records_are_produced_and_fetched_while_a_partition_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_go_on = held_up(monkeypatch)
    with running_node(config_of(tmp_path)) as broker:
        broker.create_topic("t")
        produce(broker, batch(b"before"))
        old = where(broker)
        begin(broker)
        assert begun.wait(20)
        produce(broker, batch(b"during"))
        assert values_of(fetch(broker).records) == [(0, b"before"), (1, b"during")]
        assert where(broker) == old
        may_go_on.set()
        wait_for_end(broker)
        assert where(broker) != old
        produce(broker, batch(b"after"))
        expected = [(0, b"before"), (1, b"during"), (2, b"after")]
        assert values_of(fetch(broker).records) == expected
        new = where(broker)
    with running_node(config_of(tmp_path)) as broker:
        assert where(broker) == new
        assert values_of(fetch(broker).records) == expected
        assert not list((tmp_path / old).glob("t-0*"))


def test_a_deleted_topic_moves_no_further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_go_on = held_up(monkeypatch)
    with running_node(config_of(tmp_path)) as broker:
        topic_id = broker.create_topic("t")
        produce(broker, batch(b"x"))
        begin(broker)
        assert begun.wait(20)
        topic = broker.node.image.topics_by_id[topic_id]
        broker.run(lambda: broker.node.partitions.remove_topic(topic))
        assert broker.run(broker.node.partitions.delete_one)
        may_go_on.set()
        wait_for_end(broker)
        assert broker.run(broker.node.store.partitions) == [("__cluster_metadata", 0)]


def test_what_a_stop_interrupts_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_go_on = held_up(monkeypatch)
    with running_node(config_of(tmp_path)) as broker:
        broker.create_topic("t")
        produce(broker, batch(b"x"))
        old = where(broker)
        begin(broker)
        assert begun.wait(20)
        may_go_on.set()
        broker.run(lambda: [task.cancel() for task in broker.node._tasks])
    with running_node(config_of(tmp_path)) as broker:
        wait_for_end(broker)
        assert where(broker) != old
        assert values_of(fetch(broker).records) == [(0, b"x")]


def test_a_move_that_fails_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(move: Move) -> str:
        raise OSError("no")

    monkeypatch.setattr(Move, "finish", fail)
    with running_node(config_of(tmp_path)) as broker:
        broker.create_topic("t")
        produce(broker, batch(b"x"))
        old = where(broker)
        begin(broker)
        wait_for_end(broker)
        assert where(broker) == old
        produce(broker, batch(b"y"))
        assert values_of(fetch(broker).records) == [(0, b"x"), (1, b"y")]


def test_the_metadata_learn_where_a_partition_was_found(tmp_path: Path) -> None:
    with running_node(config_of(tmp_path)) as broker:
        broker.create_topic("t")
        produce(broker, batch(b"x"))
        old, new = where(broker), other(broker)
    (tmp_path / old / "t-0").rename(f"{new}/t-0")
    with running_node(config_of(tmp_path)) as broker:
        assert f"{tmp_path}/{where(broker)}" == new
        assert values_of(fetch(broker).records) == [(0, b"x")]

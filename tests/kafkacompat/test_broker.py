"""A node's life: it starts, serves, stops, and starts again."""

import asyncio
import threading
import time
from pathlib import Path

import pytest

from kafkacompat.broker import Node
from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata import startup
from kafkacompat_protocol.errors import ErrorCode
from tests.support.groups_on_the_wire import enter, join_request
from tests.support.node import QUICK, running_node
from tests.support.produced import batch, fetch, fetch_request, produce, produce_request, values_of


@pytest.mark.parametrize("durability", ["fsync", "os"])
def test_records_are_there_after_a_restart(tmp_path: Path, durability: str) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": durability}
    with running_node(on_disk) as broker:
        broker.create_topic("t")
        produce(broker, batch(b"a", b"b"))
    with running_node(on_disk) as broker:
        assert produce(broker, batch(b"c")).base_offset == 2
        assert values_of(fetch(broker).records) == [(0, b"a"), (1, b"b"), (2, b"c")]


def test_the_last_five_batches_of_a_producer_are_known_after_a_restart(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "fsync"}

    def sent(sequence: int) -> bytes:
        return batch(b"x", producer_id=9, producer_epoch=0, base_sequence=sequence)

    with running_node(on_disk) as broker:
        broker.create_topic("t")
        for sequence in range(7):
            assert produce(broker, sent(sequence)).base_offset == sequence
    with running_node(on_disk) as broker:
        for sequence in range(2, 7):
            told = produce(broker, sent(sequence))
            assert (told.error_code, told.base_offset) == (0, sequence)
        assert produce(broker, sent(7)).base_offset == 7


def test_stopping_answers_those_who_wait() -> None:
    with running_node() as broker:
        broker.create_topic("t")
        client = broker.client()
        client.send(fetch_request(0, max_wait_ms=60_000), 11)
        broker.wait_until(lambda: bool(broker.node.partitions.find("t", 0).waiting))
        asyncio.run_coroutine_threadsafe(broker.node.stop(), broker.loop).result(10)
        told = client.receive(1, 11).responses[0].partitions[0]
        assert told.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
        assert client.is_closed()


def test_two_nodes_do_not_share_a_folder(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk), pytest.raises(BlockingIOError), running_node(on_disk):
        pass


def test_a_node_that_stopped_leaves_no_thread_behind() -> None:
    before = set(threading.enumerate())
    with running_node() as broker:
        broker.create_topic("t")
        produce(broker, batch(b"x"))
    assert set(threading.enumerate()) <= before


def test_several_nodes_live_in_one_process() -> None:
    with running_node() as first, running_node() as second:
        first.create_topic("t")
        assert "t" not in second.node.image.topics
        assert first.node.cluster_id != second.node.cluster_id


def test_importing_the_package_starts_nothing() -> None:
    Node(BrokerConfig(QUICK))


# --- durability: with the wait in `handlers/produce.py` (`_when_durable`) taken out, or the high
# watermark advanced in `LocalJournal.append`, the next two tests fail.


def _delay_syncs(broker: object, seconds: float) -> None:
    """Make every commit of the node's journal take this long."""
    syncer = broker.node.journal._syncer  # type: ignore[attr-defined]
    quick = syncer.sync

    def slow(pendings: object) -> object:
        time.sleep(seconds)
        return quick(pendings)

    syncer.sync = slow


def test_nothing_is_acknowledged_or_shown_before_it_is_synced(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "fsync"}
    with running_node(on_disk) as broker:
        broker.create_topic("t")
        _delay_syncs(broker, 0.2)
        reader, writer = broker.client(), broker.client()
        reader.send(fetch_request(0, max_wait_ms=60_000), 11)
        broker.wait_until(lambda: bool(broker.node.partitions.find("t", 0).waiting))
        began = time.monotonic()
        writer.call(produce_request(batch(b"x")), 8)
        acknowledged = time.monotonic() - began
        found = reader.receive(1, 11).responses[0].partitions[0]
        shown = time.monotonic() - began
        assert values_of(found.records) == [(0, b"x")]
        assert acknowledged >= 0.19
        assert shown >= 0.19


def test_acks_1_does_not_wait_for_the_sync_but_readers_do(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "fsync"}
    with running_node(on_disk) as broker:
        broker.create_topic("t")
        blocked = threading.Event()
        syncer = broker.node.journal._syncer
        quick = syncer.sync

        def held(pendings: object) -> object:
            blocked.wait(20)
            return quick(pendings)  # type: ignore[arg-type]

        syncer.sync = held  # type: ignore[method-assign, assignment]
        told = produce(broker, batch(b"x"), acks=1)
        assert (told.error_code, told.base_offset) == (0, 0)
        assert fetch(broker).high_watermark == 0
        blocked.set()
        broker.wait_until(lambda: broker.node.partitions.find("t", 0).log.high_watermark == 1)


@pytest.mark.parametrize("where", ["_join", "register"])
def test_a_start_that_fails_leaves_no_lock_socket_or_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "fsync"}
    with running_node(on_disk) as broker:
        broker.create_topic("t")
        address = broker.address
    on_disk["listeners"] = f"PLAINTEXT://127.0.0.1:{address[1]}"
    before = set(threading.enumerate())

    async def fail(*args: object, **named: object) -> None:
        raise ZeroDivisionError

    owner = Node if where == "_join" else startup
    monkeypatch.setattr(owner, where, fail)
    with pytest.raises(ZeroDivisionError), running_node(on_disk):
        pass
    assert set(threading.enumerate()) <= before
    monkeypatch.undo()
    with running_node(on_disk) as broker:
        assert produce(broker, batch(b"x")).base_offset == 0


def test_a_stop_answers_writes_polls_and_joins_and_closes_the_idle() -> None:
    with running_node({"max.connections.per.ip": "10000"}) as broker:
        broker.create_topic("t")
        idle = [broker.client() for _ in range(300)]
        polling = [broker.client() for _ in range(20)]
        for client in polling:
            client.send(fetch_request(0, max_wait_ms=600_000), 11)
        enter(broker, "g")
        joining = broker.client()
        joining.send(join_request("g"), 3)  # waits until the other member joins again
        partition = broker.node.partitions.find("t", 0)
        broker.wait_until(lambda: len(partition.waiting) == 20)
        began = time.monotonic()
        asyncio.run_coroutine_threadsafe(broker.node.stop(), broker.loop).result(10)
        assert time.monotonic() - began < 4, "nobody was waited for until the drain's deadline"
        for client in polling:
            told = client.receive(1, 11).responses[0].partitions[0]
            assert told.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
        assert joining.receive(11, 3).error_code == ErrorCode.NOT_COORDINATOR
        assert all(client.is_closed() for client in idle)

"""Rounds of retention over all partitions of a node."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kafkacompat_storage.log import PartitionLog
from tests.support.clock import FakeClock
from tests.support.node import RunningNode, running_node
from tests.support.produced import batch, produce

DAY_MS = 86_400_000


def run_round(broker: RunningNode) -> None:
    asyncio.run_coroutine_threadsafe(broker.node.retention.run(), broker.loop).result(20)


def log_of(broker: RunningNode, topic: str) -> PartitionLog:
    return broker.run(lambda: broker.node.partitions.find(topic, 0).log)


def log_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if ".log" in path.name)


def fill(broker: RunningNode, topic: str, count: int = 5) -> None:
    for _ in range(count):
        content = batch(b"x" * 600_000, timestamp=broker.node.clock.wall_ms())
        assert produce(broker, content, topic=topic).error_code == 0


def test_what_is_too_much_goes_and_what_is_only_compacted_stays() -> None:
    with running_node() as broker:
        limits = {"retention_bytes": "1000", "segment_bytes": "1048576"}
        broker.create_topic("t", **limits)
        broker.create_topic("kept", cleanup_policy="compact", **limits)
        fill(broker, "t")
        run_round(broker)
        assert log_of(broker, "t").log_start_offset == 4
        assert log_of(broker, "kept").log_start_offset == 0


def test_what_is_too_old_goes_by_itself_and_stays_on_the_disk_for_the_delay(tmp_path: Path) -> None:
    clock = FakeClock()
    data = tmp_path / "data"
    on_disk = {"log.dirs": str(data), "kafkacompat.durability": "os"}
    with running_node(on_disk, clock) as broker:
        broker.create_topic(
            "t", segment_bytes="1048576", retention_ms=str(DAY_MS), file_delete_delay_ms="90000"
        )
        fill(broker, "t", 3)
        assert len(log_names(data / "t-0")) == 3
        broker.run(lambda: clock.advance(DAY_MS + 301_000))
        broker.wait_until(lambda: not broker.node.retention._is_begun)
        assert log_of(broker, "t").log_start_offset == 3
        broker.run(lambda: clock.advance(1_500))
        deleted = [f"{number:020d}.log.deleted" for number in range(3)]
        kept = [f"{3:020d}.log"]
        broker.wait_until(lambda: log_names(data / "t-0") == deleted + kept)
        broker.wait_until(lambda: broker.node.upkeep.next_sweep is not None)
        broker.run(lambda: clock.advance(80_000))
        assert log_names(data / "t-0") == deleted + kept
        broker.run(lambda: clock.advance(15_000))
        broker.wait_until(lambda: log_names(data / "t-0") == kept)


def test_a_partition_that_nobody_uses_is_opened_only_when_something_of_it_is_to_go(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk, clock) as broker:
        broker.create_topic("t", segment_bytes="1048576", retention_ms=str(DAY_MS))
        broker.create_topic("never", 3)
        fill(broker, "t", 3)
    with running_node(on_disk, clock) as broker:
        run_round(broker)
        assert broker.run(lambda: broker.node.partitions.if_open("t", 0)) is None
        broker.run(lambda: clock.advance(DAY_MS + 1))
        run_round(broker)
        assert log_of(broker, "t").log_start_offset == 3
        assert broker.run(lambda: broker.node.partitions.if_open("never", 0)) is None


def test_rounds_do_not_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_node() as broker:
        broker.create_topic("t")
        retention = broker.node.retention
        under_way, most = [0], [0]
        one_round = retention._round

        async def counted(candidates: Any) -> None:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
            await broker.node.give_way()
            await one_round(candidates)
            under_way[0] -= 1

        monkeypatch.setattr(retention, "_round", counted)
        for _ in range(5):
            broker.run(retention.begin)
        run_round(broker)
        assert most[0] == 1
        broker.wait_until(lambda: not retention._is_begun)

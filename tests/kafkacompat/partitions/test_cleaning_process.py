"""The broker's side of the process that compacts."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kafkacompat.partitions.cleaning_process import CleaningProcess
from kafkacompat_storage.compaction.lines import Ended, Order
from kafkacompat_storage.compaction.work import Cleaned, Step
from tests.kafkacompat.partitions.test_cleaning_worker import order_of


async def in_thread(work: Callable[[], Any]) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, work)


async def steps_of(process: CleaningProcess, order: Order) -> list[Step | Ended]:
    return [step async for step in process.run(order)]


def test_a_process_does_several_passes_and_ends_when_it_is_closed(tmp_path: Path) -> None:
    async def story() -> None:
        process = CleaningProcess(in_thread)
        assert process.pid is None
        pids = set()
        for number in range(2):
            steps = await steps_of(process, order_of(tmp_path / f"t-{number}"))
            assert steps[-1] == Ended()
            assert any(isinstance(step, Cleaned) for step in steps)
            pids.add(process.pid)
        assert len(pids) == 1
        process.close()
        assert process.pid is None

    asyncio.run(story())


def test_a_process_that_dies_is_told_and_followed_by_another(tmp_path: Path) -> None:
    async def story() -> None:
        process = CleaningProcess(in_thread)
        slow = order_of(tmp_path / "t-0", rate=1.0)
        slow.task.segments[:] = slow.task.segments * 400
        running = asyncio.ensure_future(steps_of(process, slow))
        while process.pid is None:
            await in_thread(lambda: None)
        os.kill(process.pid, signal.SIGKILL)
        ended = (await running)[-1]
        assert ended == Ended("its process ended with -9", has_died=True)
        steps = await steps_of(process, order_of(tmp_path / "t-1"))
        assert steps[-1] == Ended()
        process.close()

    asyncio.run(story())


def test_nobody_hears_what_a_closed_process_still_says(tmp_path: Path) -> None:
    async def story() -> None:
        process = CleaningProcess(in_thread)
        async for _ in process.run(order_of(tmp_path / "t-0")):
            break
        process.close()
        steps = await steps_of(process, order_of(tmp_path / "t-1"))
        assert [step for step in steps if isinstance(step, Ended)] == [Ended()]
        process.close()

    asyncio.run(story())

"""Long work leaves the loop to others."""

import asyncio
from types import SimpleNamespace
from typing import Any

from kafkacompat.partitions.slices import Slices
from tests.support.clock import FakeClock


def test_others_have_their_turn_after_each_slice() -> None:
    clock, pauses = FakeClock(), list[int]()

    async def give_way() -> None:
        pauses.append(clock.monotonic_ms())

    node: Any = SimpleNamespace(clock=clock, give_way=give_way)

    async def work() -> None:
        slices = Slices(node)
        for _ in range(8):
            await slices.pause_if_due()
            clock.advance(1)

    start_ms = clock.monotonic_ms()
    asyncio.run(work())
    assert [at - start_ms for at in pauses] == [2, 4, 6]

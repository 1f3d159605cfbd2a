"""A clock that a test moves: what is due happens, in order, and not before."""

import asyncio

import pytest

from kafkacompat.clock import Timers
from kafkacompat.embedded.clock import AdjustableClock


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def test_what_becomes_due_happens_soon() -> None:
    async def story() -> list[str]:
        clock, done = AdjustableClock(), list[str]()
        timers = Timers(clock)
        timers.after(60_000, lambda: done.append("minute"))
        timers.after(3_600_000, lambda: done.append("hour"))
        await turns()
        assert done == []
        clock.advance(60_000)
        await asyncio.sleep(0.005)
        assert done == ["minute"]
        clock.advance(7 * 86_400_000)
        await asyncio.sleep(0.005)
        return done

    assert asyncio.run(story()) == ["minute", "hour"]


def test_wall_and_monotonic_time_move_together() -> None:
    async def story() -> None:
        clock = AdjustableClock()
        clock.freeze()
        wall_ms, monotonic_ms = clock.wall_ms(), clock.monotonic_ms()
        clock.advance(5_000)
        assert (clock.wall_ms(), clock.monotonic_ms()) == (wall_ms + 5_000, monotonic_ms + 5_000)
        clock.unfreeze()
        assert 5_000 <= clock.wall_ms() - wall_ms < 6_000
        assert 5_000 <= clock.monotonic_ms() - monotonic_ms < 6_000

    asyncio.run(story())


def test_frozen_time_fires_nothing_until_it_is_moved() -> None:
    async def story() -> list[str]:
        clock, done = AdjustableClock(), list[str]()
        clock.freeze()
        Timers(clock).after(1, lambda: done.append("x"))
        await asyncio.sleep(0.01)
        assert done == []
        clock.advance(1)
        await asyncio.sleep(0.005)
        return done

    assert asyncio.run(story()) == ["x"]


def test_what_is_cancelled_does_not_happen() -> None:
    async def story() -> list[str]:
        clock, done = AdjustableClock(), list[str]()
        cancel = clock.wake_at(clock.monotonic_ms() + 100, lambda: done.append("x"))
        cancel()
        clock.advance(1000)
        await asyncio.sleep(0.005)
        return done

    assert asyncio.run(story()) == []


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="back"):
        AdjustableClock().advance(-1)

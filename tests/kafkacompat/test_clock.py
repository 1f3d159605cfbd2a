"""One heap of timers, and time that only a test moves."""

import asyncio

import pytest

from kafkacompat.clock import SystemClock, Timers
from tests.support.clock import FakeClock


def test_timers_fire_in_the_order_of_their_times() -> None:
    clock = FakeClock(monotonic_ms=0)
    timers, fired = Timers(clock), []
    for at in (30, 10, 20, 10):
        timers.at(at, lambda at=at: fired.append((at, clock.monotonic_ms())))  # type: ignore[misc]
    clock.advance(25)
    assert fired == [(10, 10), (10, 10), (20, 20)]
    clock.advance(5)
    assert fired[-1] == (30, 30)


def test_a_cancelled_timer_does_not_fire() -> None:
    clock = FakeClock()
    timers, fired = Timers(clock), []
    kept = timers.after(5, lambda: fired.append("kept"))
    timers.after(5, lambda: fired.append("cancelled")).cancel()
    clock.advance(5)
    assert fired == ["kept"]
    kept.cancel()


def test_a_timer_may_set_another_that_is_due_at_once() -> None:
    clock = FakeClock()
    timers, fired = Timers(clock), []
    timers.after(5, lambda: timers.after(0, lambda: fired.append("second")))
    clock.advance(5)
    assert fired == ["second"]


def test_many_cancelled_timers_are_dropped() -> None:
    timers = Timers(FakeClock())
    for _ in range(10_000):
        timers.after(1000, lambda: None).cancel()
    assert len(timers._heap) <= 2048


def test_closing_forgets_all_timers() -> None:
    clock = FakeClock()
    timers, fired = Timers(clock), []
    timers.after(5, lambda: fired.append("x"))
    timers.close()
    clock.advance(10)
    assert fired == []


def test_the_systems_clock_wakes_on_its_loop() -> None:
    async def main() -> list[str]:
        timers, fired = Timers(SystemClock()), []
        done = asyncio.Event()
        timers.after(1, lambda: (fired.append("x"), done.set()))  # type: ignore[func-returns-value]
        await done.wait()
        return fired

    assert asyncio.run(main()) == ["x"]


def test_a_call_that_raises_keeps_no_other_from_being_made() -> None:
    clock = FakeClock()
    timers, fired = Timers(clock), []

    def raising() -> None:
        raise ZeroDivisionError

    timers.after(10, raising)
    timers.after(20, lambda: fired.append("later"))
    with pytest.raises(ZeroDivisionError):
        clock.advance(10)
    clock.advance(10)
    assert fired == ["later"]

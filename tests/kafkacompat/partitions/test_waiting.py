"""Waiting for several partitions at once."""

from kafkacompat.clock import Timers
from kafkacompat.partitions.waiting import Waiting, shared_deadline_ms
from tests.kafkacompat.partitions.test_partition import partition
from tests.support.clock import FakeClock


def test_any_partition_wakes_and_time_ends_the_wait() -> None:
    clock = FakeClock(monotonic_ms=0)
    first, second = partition(), partition()
    told: list[bool] = []
    waiting = Waiting(Timers(clock), [first, second], 100, told.append)
    second.wake()
    first.wake()
    clock.advance(99)
    assert told == [False, False]
    clock.advance(1)
    assert told == [False, False, True]
    waiting.stop()


def test_a_stopped_wait_is_over_for_good() -> None:
    clock = FakeClock(monotonic_ms=0)
    only = partition()
    told: list[bool] = []
    Waiting(Timers(clock), [only], 100, told.append).stop()
    only.wake()
    clock.advance(200)
    assert (told, only.waiting) == ([], {})


def test_waits_that_begin_apart_end_together_and_never_late() -> None:
    for wait_ms in (0, 1, 7, 8, 100, 500, 30_000):
        ends = [shared_deadline_ms(now, wait_ms) for now in range(5000, 5400)]
        late = [end - now - wait_ms for now, end in enumerate(ends, 5000)]
        assert max(late) <= 0
        assert min(late) >= -wait_ms / 8
        assert all(end >= now for now, end in enumerate(ends, 5000))
    assert len({shared_deadline_ms(now, 500) for now in range(5000, 5400)}) <= 14
    assert shared_deadline_ms(5000, 1) == 5001

"""When the active segment ends. What a roll then does is tested with the log."""

from kafkacompat_storage.memory_segment import MemorySegment
from kafkacompat_storage.roll_plan import RollPlan
from tests.support.batches import NOW, batch, rules


def test_an_empty_segment_takes_anything() -> None:
    plan = RollPlan(MemorySegment(5, NOW), rules(segment_bytes=10, segment_ms=1))
    assert not plan.is_due(1000, 5, NOW + 99, NOW + 99)


def test_size_time_and_offsets_end_it() -> None:
    segment = MemorySegment(5, NOW)
    segment.stage(batch(b"x"), 5, NOW)
    plan = RollPlan(segment, rules(segment_bytes=segment.size + 10, segment_ms=1000))
    assert not plan.is_due(10, 6, NOW + 1000, NOW)
    assert plan.is_due(11, 6, NOW, NOW)
    assert plan.is_due(10, 6, NOW + 1001, NOW)
    assert plan.is_due(10, 5 + 0x80000000, NOW, NOW)


def test_without_timestamps_the_clock_ends_it() -> None:
    segment = MemorySegment(0, NOW)
    segment.stage(batch(b"x", timestamp=-1), 0, -1)
    plan = RollPlan(segment, rules(segment_ms=1000))
    assert not plan.is_due(10, 1, NOW + 9999, NOW + 1000)
    assert plan.is_due(10, 1, -1, NOW + 1001)


def test_jitter_lets_partitions_roll_at_times_of_their_own() -> None:
    def after(**changes: int) -> int:
        segment = MemorySegment(5, NOW)
        segment.stage(batch(b"x"), 5, NOW)
        plan = RollPlan(segment, rules(segment_ms=1000, **changes))
        return next(ms for ms in range(1100) if plan.is_due(10, 6, NOW + ms, NOW)) - 1

    assert after() == after(roll_spread=7) == 1000
    spread = [after(segment_jitter_ms=300, roll_spread=number) for number in range(50)]
    assert spread == [after(segment_jitter_ms=300, roll_spread=number) for number in range(50)]
    assert 700 < min(spread) < 720
    assert 980 < max(spread) <= 1000
    assert min(after(segment_jitter_ms=5000, roll_spread=number) for number in range(50)) >= 0

"""What is compacted, how far, and in what pieces."""

from kafkacompat_storage.compaction.choice import (
    FOREVER_MS,
    Dirt,
    Range,
    Rules,
    SegmentFacts,
    cleanable_range,
    dirt,
    first_dirty,
    group,
)

NOW = 1_000_000
RULES = Rules(0.5, 0, FOREVER_MS, 1000, 100, 1000)
SEALED = [
    SegmentFacts(0, 10, 40, NOW - 900, NOW - 800),
    SegmentFacts(10, 20, 40, NOW - 700, NOW - 600),
    SegmentFacts(20, 30, 40, NOW - 500, NOW - 400),
]


def span(first: int = 0, last_stable: int = 30, **rules: int) -> Range:
    return cleanable_range(SEALED, first, last_stable, RULES._replace(**rules), NOW)


def test_what_was_noted_counts_only_within_the_log():
    assert first_dirty(None, 5, 50) == 5
    assert first_dirty(7, 5, 50) == 7
    assert [first_dirty(noted, 5, 50) for noted in (4, 50, 51)] == [5, 50, 5]


def test_the_range_ends_with_the_last_sealed_segment_or_the_last_stable_offset():
    assert span() == (0, 30)
    assert span(10, 17) == (10, 17)
    assert span(20, 17) == (20, 20)
    assert cleanable_range([], 4, 9, RULES, NOW) == (4, 4)


def test_the_range_ends_before_the_first_dirty_segment_that_is_too_new():
    assert span(min_lag_ms=600) == (0, 20)
    assert span(min_lag_ms=601) == (0, 10)
    assert span(min_lag_ms=2000) == (0, 0)
    assert span(10, min_lag_ms=2000) == (10, 10)
    assert span(min_lag_ms=399) == (0, 30)


def test_dirt_is_what_is_new_and_can_be_compacted():
    assert dirt(SEALED, Range(10, 30), RULES, NOW) == Dirt(40, 80, 0)
    assert dirt(SEALED, Range(15, 30), RULES, NOW) == Dirt(40, 80, 0)
    assert dirt(SEALED, Range(10, 20), RULES, NOW) == Dirt(40, 40, 0)
    assert dirt(SEALED, Range(30, 30), RULES, NOW) == Dirt(120, 0, 0)
    assert Dirt(0, 0, 0).ratio == 0.0


def test_a_log_is_due_when_more_than_the_ratio_is_new():
    assert not Dirt(50, 50, 0).is_due(RULES)
    assert Dirt(49, 51, 0).is_due(RULES)


def test_a_log_is_due_when_something_is_older_than_the_largest_lag():
    late = RULES._replace(max_lag_ms=699)
    assert dirt(SEALED, Range(10, 20), late, NOW) == Dirt(40, 40, 1)
    assert Dirt(990, 10, 1).is_due(late)
    assert not Dirt(1000, 0, 1).is_due(late)
    on_time = RULES._replace(max_lag_ms=700)
    assert dirt(SEALED, Range(10, 20), on_time, NOW).delay_ms == 0
    assert (late.has_max_lag, RULES.has_max_lag) == (True, False)


def test_segments_are_grouped_while_bytes_and_indexes_fit():
    assert group(SEALED, 30, [0, 0, 0], RULES) == [[0, 1], [2]]
    assert group(SEALED, 30, [0, 0, 0], RULES._replace(segment_bytes=120)) == [[0, 1, 2]]
    assert group(SEALED, 30, [0, 0, 0], RULES._replace(segment_bytes=10)) == [[0], [1], [2]]
    wide = RULES._replace(segment_bytes=1000, segment_index_bytes=100)
    assert group(SEALED, 30, [50, 51, 49], wide) == [[0], [1, 2]]
    assert group(SEALED, 20, [0, 0, 0], wide) == [[0, 1]]
    assert group(SEALED, 0, [0, 0, 0], wide) == []


def test_offsets_of_a_group_stay_within_31_bits_of_its_first():
    far = [SegmentFacts(0, 1, 1), SegmentFacts(1, 1 << 31, 1), SegmentFacts(1 << 31, 1 << 32, 1)]
    assert group(far, 1 << 32, [0, 0, 0], RULES) == [[0, 1], [2]]

"""Which records a member is given, of those that were read."""

from kafkacompat.coordinator.share.acquiring import (
    MAX_RUNS_PER_LOCK,
    Acquired,
    Extent,
    Terms,
    Wanted,
    acquire,
)
from kafkacompat.coordinator.share.window import (
    ACKNOWLEDGED,
    ACQUIRED,
    ARCHIVED,
    AVAILABLE,
    Run,
    Window,
)

TERMS = Terms("m", lock_until_ms=100, delivery_count_limit=5, max_in_flight=200)


def taken(first: int, last: int, count: int = 1) -> Run:
    return Run(first, last, ACQUIRED, count, "m", 100)


def test_batches_are_given_whole_until_there_are_enough() -> None:
    window = Window(0)

    found = acquire(window, 0, [Extent(0, 9), Extent(10, 19), Extent(20, 29)], Wanted(12), TERMS)

    assert found == [Acquired(0, 9, 1), Acquired(10, 19, 1)]
    assert window.runs == [taken(0, 19)]


def test_ranges_are_reported_in_the_size_that_is_asked_for() -> None:
    extents = [Extent(first, first + 9) for first in range(0, 50, 10)]

    assert acquire(Window(0), 0, extents, Wanted(50, batch_size=20), TERMS) == [
        Acquired(0, 19, 1),
        Acquired(20, 39, 1),
        Acquired(40, 49, 1),
    ]


def test_a_strict_limit_cuts_a_batch() -> None:
    window = Window(0)

    found = acquire(window, 0, [Extent(0, 9), Extent(10, 19)], Wanted(12, 1, True), TERMS)

    assert found == [Acquired(0, 9, 1), Acquired(10, 11, 1)]
    assert window.end_offset == 12


def test_a_batch_that_begins_before_what_is_wanted_is_given_in_part() -> None:
    assert acquire(Window(7), 7, [Extent(0, 9)], Wanted(100), TERMS) == [Acquired(7, 9, 1)]


def test_what_consumers_may_not_see_is_archived() -> None:
    window = Window(0)

    found = acquire(
        window, 0, [Extent(0, 4), Extent(5, 5, False), Extent(6, 8)], Wanted(100), TERMS
    )

    assert found == [Acquired(0, 4, 1), Acquired(6, 8, 1)]
    assert window.runs == [taken(0, 4), Run(5, 5, ARCHIVED), taken(6, 8)]


def test_what_is_not_there_is_archived() -> None:
    window = Window(0)

    found = acquire(window, 0, [Extent(3, 4), Extent(8, 9)], Wanted(100), TERMS)

    assert found == [Acquired(3, 4, 1), Acquired(8, 9, 1)]
    assert window.start_offset == 3
    assert window.runs == [taken(3, 4), Run(5, 7, ARCHIVED), taken(8, 9)]


def test_nothing_but_markers_moves_the_window_on() -> None:
    window = Window(0)

    assert acquire(window, 0, [Extent(0, 0, False), Extent(1, 1, False)], Wanted(9), TERMS) == []
    assert (window.start_offset, window.end_offset, window.runs) == (2, 2, [])


def test_only_what_is_available_is_given_again_with_its_count() -> None:
    window = Window(0)
    window.replace([Run(0, 2, ACKNOWLEDGED, 1), Run(3, 4, AVAILABLE, 2), taken(5, 6)])
    window.replace([Run(7, 7, AVAILABLE, 1)])

    found = acquire(window, 3, [Extent(0, 9)], Wanted(100), TERMS)

    assert found == [Acquired(3, 4, 3), Acquired(7, 7, 2), Acquired(8, 9, 1)]


def test_a_full_window_gives_nothing_new() -> None:
    window = Window(0)
    terms = TERMS._replace(max_in_flight=10)
    window.replace([Run(0, 0, AVAILABLE, 1), Run(1, 10, ACQUIRED, 1, "other", 100)])

    assert acquire(window, 0, [Extent(0, 20)], Wanted(100), terms) == [Acquired(0, 0, 2)]


def test_what_is_done_with_takes_no_room() -> None:
    window = Window(0)
    terms = TERMS._replace(max_in_flight=10)
    window.replace([Run(0, 0, ACQUIRED, 1, "other", 100), Run(1, 10, ACKNOWLEDGED, 1)])

    assert acquire(window, 11, [Extent(11, 30)], Wanted(100, 1, True), terms) == [
        Acquired(11, 19, 1)
    ]


def test_a_window_in_too_many_pieces_gives_nothing_new() -> None:
    window = Window(0)
    terms = TERMS._replace(max_in_flight=2)
    for offset in range(2 * MAX_RUNS_PER_LOCK + 1):
        state = ARCHIVED if offset % 2 else ACKNOWLEDGED
        window.replace([Run(offset, offset, state) if offset else taken(0, 0)])

    assert (
        acquire(window, window.end_offset, [Extent(window.end_offset, 99)], Wanted(9), terms) == []
    )


def test_what_has_failed_often_is_given_in_smaller_lots_and_at_last_alone() -> None:
    def lot(delivery_count: int) -> list[Acquired]:
        window = Window(0)
        window.replace([Run(0, 99, AVAILABLE, delivery_count)])
        return acquire(window, 0, [Extent(0, 99)], Wanted(40), TERMS)

    assert lot(2) == [Acquired(0, 99, 3)]
    assert lot(3) == [Acquired(0, 39, 4)]
    assert lot(4) == [Acquired(0, 0, 5)]


def test_what_has_failed_often_is_not_given_with_others() -> None:
    window = Window(0)
    window.replace([Run(0, 4, AVAILABLE, 1), Run(5, 9, AVAILABLE, 4)])

    assert acquire(window, 0, [Extent(0, 9)], Wanted(40), TERMS) == [Acquired(0, 4, 2)]
    assert acquire(window, 5, [Extent(0, 9)], Wanted(40), TERMS) == [Acquired(5, 5, 5)]

"""Runs against a list with an entry for each offset."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kafkacompat.coordinator.share.window import (
    ACKNOWLEDGED,
    ACQUIRED,
    ARCHIVED,
    AVAILABLE,
    RecordState,
    Run,
    Window,
)

STATES = (AVAILABLE, ACQUIRED, ACKNOWLEDGED, ARCHIVED)


def entries(window: Window) -> list[tuple[int, ...]]:
    """Return the window, offset by offset, having checked that its runs are in order."""
    found: list[tuple[int, ...]] = []
    expected = window.start_offset
    for run in window.runs:
        assert run.first == expected
        assert run.last >= run.first
        expected = run.last + 1
        found += [(offset, run.state) for offset in range(run.first, run.last + 1)]
    assert expected == window.end_offset
    assert window.done == sum(state >= ACKNOWLEDGED for _, state in found)
    for before, after in pairwise(window.runs):
        assert before[2:] != after[2:], "what is the same is joined"
    return found


def test_a_batch_that_stays_whole_is_one_run() -> None:
    window = Window(10)
    window.replace([Run(10, 19, ACQUIRED, 1, "m", 5)])
    window.replace([Run(10, 19, ACKNOWLEDGED, 1)])

    assert window.runs == [Run(10, 19, ACKNOWLEDGED, 1)]


def test_a_run_is_split_where_its_records_come_to_differ() -> None:
    window = Window(10)
    window.replace([Run(10, 19, ACQUIRED, 1, "m", 5)])
    window.replace([Run(13, 14, AVAILABLE, 1)])

    assert window.runs == [
        Run(10, 12, ACQUIRED, 1, "m", 5),
        Run(13, 14, AVAILABLE, 1),
        Run(15, 19, ACQUIRED, 1, "m", 5),
    ]
    assert window.next_available() == 13
    assert window.next_available(14) == 14
    assert window.next_available(15) == 20


def test_runs_are_joined_where_their_records_become_the_same() -> None:
    window = Window(0)
    window.replace([Run(0, 2, ACQUIRED, 1), Run(3, 5, AVAILABLE, 1), Run(6, 9, ACQUIRED, 1)])
    window.replace([Run(3, 5, ACQUIRED, 1)])

    assert window.runs == [Run(0, 9, ACQUIRED, 1)]


def test_what_is_done_with_at_the_front_is_let_go() -> None:
    window = Window(0)
    window.replace([Run(0, 2, ACKNOWLEDGED), Run(3, 5, ARCHIVED), Run(6, 6, AVAILABLE)])
    window.replace([Run(7, 9, ACKNOWLEDGED)])
    window.trim()

    assert (window.start_offset, window.end_offset, window.done) == (6, 10, 3)
    assert window.in_flight == 1


def test_records_of_which_nothing_is_known_are_available() -> None:
    window = Window(5)
    window.fill(8)

    assert window.runs == [Run(5, 7, AVAILABLE)]


def test_what_the_log_has_lost_is_cut_off() -> None:
    window = Window(0)
    window.replace([Run(0, 9, ACQUIRED, 1, "m", 5)])
    window.cut_before(4)
    window.cut_after(8)

    assert window.runs == [Run(4, 7, ACQUIRED, 1, "m", 5)]
    window.cut_before(20)
    assert (window.start_offset, window.end_offset, window.runs) == (20, 20, [])


def test_a_log_that_ends_before_the_window_begins_empties_it() -> None:
    window = Window(10)
    window.replace([Run(10, 12, ACQUIRED, 1, "m", 5)])
    window.cut_after(4)

    assert (window.start_offset, window.end_offset, window.runs) == (4, 4, [])


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["replace", "replace", "extend", "trim", "before", "after"]),
            st.integers(-2, 12),
            st.integers(0, 12),
            st.sampled_from(STATES),
        ),
        max_size=30,
    )
)
def test_runs_say_of_each_offset_what_a_list_says(steps: list[tuple[str, int, int, int]]) -> None:
    window = Window(0)
    naive: list[tuple[int, ...]] = []
    start = end = 0
    for step, distance, size, state in steps:
        offset = max(0, start + distance)
        if step == "extend":
            window.replace([Run(end, end + size, RecordState(state))])
            naive += [(at, state) for at in range(end, end + size + 1)]
            end += size + 1
        elif step == "replace" and start <= offset < end:
            last = min(offset + size, end - 1)
            window.replace([Run(offset, last, RecordState(state))])
            naive = [(at, state if offset <= at <= last else old) for at, old in naive]
        elif step == "trim":
            window.trim()
            while naive and naive[0][1] >= ACKNOWLEDGED:
                naive.pop(0)
                start += 1
        elif step == "before":
            window.cut_before(offset)
            naive = [entry for entry in naive if entry[0] >= offset]
            start, end = max(start, offset), max(end, offset)
        elif step == "after":
            window.cut_after(offset)
            naive = [entry for entry in naive if entry[0] < offset]
            start, end = min(start, offset) if offset < end else start, min(end, offset)
        assert entries(window) == naive
        assert (window.start_offset, window.end_offset) == (start, end)
        available = [at for at, known in naive if known == AVAILABLE]
        assert window.next_available() == (available[0] if available else end)

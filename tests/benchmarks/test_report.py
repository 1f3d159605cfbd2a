"""Medians, ratios, targets and what the table shows of them."""

import pytest

from benchmarks.report import (
    BASE,
    MACHINE,
    OTHER,
    OURS,
    Better,
    Row,
    Sample,
    Target,
    document,
    number,
    raw,
    summary,
)


def row(
    better: Better, target: Target | None, kafka: list[float], ours: list[float], name: str = "work"
) -> Row:
    """A row with figures of two brokers."""
    made = Row(name, "u", better, target)
    for broker, figures in ((BASE, kafka), (OURS, ours)):
        for figure in figures:
            made.add(broker, Sample(figure))
    return made


def limited(ours_cpu: float, share: float, ours: list[float]) -> Row:
    """A row of rates where the client has a share of a core and Kafka used 1 s a million."""
    made = Row("work", "msg/s", Better.MORE, Target(1.5))
    for figure in (90.0, 100.0, 110.0):
        made.add(BASE, Sample(figure, 1.0, share))
    for figure in ours:
        made.add(OURS, Sample(figure, ours_cpu, share))
    return made


def test_a_ratio_is_of_medians() -> None:
    made = row(Better.MORE, None, [100, 10, 900], [150, 300, 1])

    assert made.median(BASE) == 100
    assert made.median(OURS) == 150
    assert made.ratio(OURS) == 1.5


def test_there_is_no_ratio_to_nothing() -> None:
    assert row(Better.MORE, None, [], [1]).ratio(OURS) is None
    assert row(Better.MORE, None, [0], [1]).ratio(OURS) is None
    assert row(Better.MORE, None, [1], []).ratio(OURS) is None


@pytest.mark.parametrize(
    ("better", "target", "ours", "met"),
    [
        (Better.MORE, Target(1.5), 150, True),
        (Better.MORE, Target(1.5), 149, False),
        (Better.LESS, Target(0.5), 50, True),
        (Better.LESS, Target(0.5), 51, False),
        (Better.LESS, Target(bound=40), 40, True),
        (Better.LESS, Target(bound=40), 41, False),
        (Better.MORE, Target(1, bound=1000), 150, False),
        (Better.MORE, None, 150, None),
    ],
)
def test_a_target_is_met_by_its_direction(
    better: Better, target: Target | None, ours: float, met: bool | None
) -> None:
    assert row(better, target, [100], [ours]).is_met() is met


def test_a_broker_that_failed_does_not_meet_its_target() -> None:
    made = row(Better.MORE, Target(1), [100], [])
    made.notes[OURS] = "failed: it hung up"

    assert made.is_met() is False
    assert "failed: it hung up" in made.markdown()


def test_without_figures_a_target_is_neither_met_nor_missed() -> None:
    assert row(Better.MORE, Target(1), [100], []).is_met() is None
    assert row(Better.MORE, Target(1), [], [100]).is_met() is None


def test_where_the_client_limits_parity_for_half_the_cpu_is_enough() -> None:
    assert limited(0.5, 0.95, [91, 92, 93]).is_met() is True
    assert "yes, client-limited" in limited(0.5, 0.95, [91, 92, 93]).markdown()


@pytest.mark.parametrize(
    ("cpu", "share", "ours"),
    [(0.6, 0.95, [100.0]), (0.5, 0.5, [100.0]), (0.5, 0.95, [80.0, 85.0])],
    ids=["too much CPU", "an idle client", "below the spread"],
)
def test_parity_is_not_enough_otherwise(cpu: float, share: float, ours: list[float]) -> None:
    assert limited(cpu, share, ours).is_met() is False


def test_a_line_has_medians_spreads_ratio_target_and_cpu() -> None:
    made = Row("produce 100 B", "msg/s", Better.MORE, Target(1.1))
    for figure in (2_000_000.0, 1_900_000.0, 2_100_000.0):
        made.add(BASE, Sample(figure, 1.25, 0.5))
        made.add(OURS, Sample(figure * 1.2, 0.5, 0.6))
    made.add(OTHER, Sample(1_400_000.0))

    assert made.markdown() == (
        "| produce 100 B | msg/s | 2,000,000 (1,900,000 - 2,100,000)"
        " | 2,400,000 (2,280,000 - 2,520,000) | 1.20 | ≥ 1.10x | yes"
        " | 1.25, 0.50 | 50 %, 60 % | 1,400,000 |"
    )


def test_a_control_stands_alone_in_its_line() -> None:
    made = Row("control", "MB/s", Better.NEITHER)
    made.add(MACHINE, Sample(300.0))

    assert made.markdown() == "| control | MB/s | 300 |" + " |" * 7


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (0, "0"),
        (0.00421, "0.004"),
        (0.123, "0.12"),
        (12.34, "12.3"),
        (1234.5, "1,234"),
    ],
)
def test_a_number_has_the_digits_that_count(value: float | None, text: str) -> None:
    assert number(value) == text


def test_the_summary_names_what_is_missed() -> None:
    rows = [
        row(Better.MORE, Target(1), [100], [100], name="good"),
        row(Better.MORE, Target(2), [100], [100], name="bad"),
        row(Better.MORE, None, [100], [100], name="shown"),
    ]

    assert summary(rows) == "1 of 2 targets met. Missed: bad (u)."


def test_the_page_has_facts_table_and_how_to_read_it() -> None:
    page = document("Performance", {"Kernel": "6"}, [row(Better.MORE, None, [1], [2])], "Read.")

    assert page.startswith("# Performance\n\n| | |\n|---|---|\n| Kernel | 6 |\n")
    assert "| work | u | 1.00 | 2.00 | 2.00 |" in page
    assert page.endswith("\nRead.\n")


def test_raw_results_keep_every_round() -> None:
    (found,) = raw([row(Better.LESS, Target(0.5), [2], [1])])

    assert found["better"] == "less"
    assert found["target"] == {"ratio": 0.5, "bound": None, "client_may_limit": True}
    assert found["samples"][OURS] == [{"figure": 1, "cpu_per_million": None, "client_share": None}]

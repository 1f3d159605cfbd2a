"""The plan of the Streams campaign; it takes minutes, so that it is a command of its own."""

from itertools import pairwise

import pytest
from streams_smoke import Plan, Report, plan_of


def test_the_command_line_is_a_plan() -> None:
    assert plan_of([]) == Plan(kills=5, seed=1)
    assert plan_of(["--kills", "2", "--seed", "9"]) == Plan(kills=2, seed=9)


def test_a_seed_gives_the_same_lives_and_another_seed_others() -> None:
    lives = [Plan(kills=20, seed=seed).lives() for seed in (1, 1, 2)]
    assert lives[0] == lives[1]
    assert lives[0] != lives[2]
    assert len(lives[0]) == 20
    assert all(3 <= life <= 5 for life in lives[0])
    assert any(before != after for before, after in pairwise(lives[0]))


@pytest.mark.parametrize(
    ("exit_code", "said", "is_exact"),
    [
        (0, "PROCESSED-ENOUGH\nSUCCESS\n", True),
        (0, "FAILURE\n", False),
        (0, "UNSUCCESSFUL", False),
        (1, "SUCCESS", False),
        (None, "SUCCESS", False),
    ],
)
def test_only_a_verifier_that_ends_and_says_so_is_believed(
    exit_code: int | None, said: str, is_exact: bool
) -> None:
    assert Report(exit_code=exit_code, said=said).is_exact is is_exact

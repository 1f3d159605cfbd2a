"""The short form of `make simulate`: some seeds of each story, and proof that it finds bugs."""

from typing import Any

import pytest

from tests.simulation.planted import BUGS, plant
from tests.simulation.stories import STORIES

SEEDS = range(40)
WITHIN = 1_000
every_story = pytest.mark.parametrize("name", STORIES)


@every_story
def test_no_promise_is_broken(name: str) -> None:
    crashes = 0
    for seed in SEEDS:
        story = STORIES[name](seed)
        story.run()
        crashes += story.broker.crashes
    assert crashes > len(SEEDS) // 2


@every_story
def test_a_seed_always_gives_the_same_run(name: str) -> None:
    def transcript(seed: int) -> list[str]:
        story = STORIES[name](seed)
        story.run()
        return story.simulation.transcript

    for seed in range(5):
        assert transcript(seed) == transcript(seed)


@pytest.mark.parametrize("bug", BUGS)
def test_a_guard_that_is_taken_out_is_missed(bug: str) -> None:
    with plant(bug):
        assert any(_fails(BUGS[bug].story, seed) for seed in range(WITHIN))


def _fails(name: str, seed: int) -> bool:
    try:
        STORIES[name](seed).run()
    except Exception as error:
        notes: list[Any] = getattr(error, "__notes__", [])
        assert notes, "the transcript says how"
        assert f"seed {seed}" in notes[0]
        return True
    return False

"""The short form of `make crash`: some states of each story, and proof that it finds bugs."""

import pytest

from tests.crash.coverage import missing, sites
from tests.crash.enumerate_states import Enumeration
from tests.crash.planted import BUGS, plant
from tests.crash.recorder import Operation
from tests.crash.states import Disk
from tests.crash.stories import STORIES

PER_OPERATION, STRIDE = 2, 5
THOROUGHLY = 24
SEEDS = 4


@pytest.mark.parametrize("name", STORIES)
def test_no_promise_is_broken_by_what_a_crash_leaves(name: str) -> None:
    for seed in (0, 1):
        result = Enumeration(STORIES[name](seed), PER_OPERATION, seed, stride=STRIDE).run()
        assert result.checked > 20


@pytest.mark.parametrize("bug", BUGS)
def test_what_is_done_wrong_is_missed(bug: str) -> None:
    with plant(bug):
        assert any(_fails(BUGS[bug].story, seed) for seed in range(SEEDS))


def _fails(name: str, seed: int) -> bool:
    try:
        Enumeration(STORIES[name](seed), THOROUGHLY, seed).run()
    except Exception as error:
        return "after operation" in error.__notes__[0]
    return False


def test_a_story_is_the_same_each_time() -> None:
    for name in STORIES:
        assert STORIES[name](3).files.operations == STORIES[name](3).files.operations


def test_lines_that_no_story_reaches_are_told() -> None:
    known = set(sites())
    assert len(known) > 50
    left_out = next(site for site in sorted(known) if site.operation == "write_several")
    assert missing(known) == []
    (told,) = missing(known - {left_out})
    assert told.startswith(f"{left_out.module}:{left_out.line} ")


def test_a_power_cut_takes_any_part_of_what_is_not_synced() -> None:
    import random

    disk = Disk()
    for operation in (
        Operation("link", 1, folder=0, name="f"),
        Operation("write", 1, 0, b"a" * 512),
        Operation("sync", 1),
        Operation("sync_names", folder=0),
        Operation("write", 1, 512, b"b" * 512),
        Operation("write", 1, 1024, b"c" * 600),
    ):
        disk.do(operation)
    states = list(disk.after_power_cut(100, random.Random(1)))
    found = {bytes(dict.fromkeys(state.files["/f"])) for state in states}
    assert {b"a", b"ab", b"abc", b"a\0c", b"a\0", b"ab\0"} <= found
    assert {state.kind for state in states} == {"dropped", "torn", "reordered", "zero-filled"}
    (killed, torn) = disk.killed()
    assert (len(killed.files["/f"]), len(torn.files["/f"])) == (1624, 1324)


def test_names_that_are_not_synced_are_there_or_not() -> None:
    import random

    disk = Disk()
    for operation in (
        Operation("link", 1, folder=0, name="old"),
        Operation("sync_all"),
        Operation("rename", folder=0, name="old", new_name="new"),
        Operation("link", 2, folder=0, name="d", is_folder=True),
    ):
        disk.do(operation)
    found = {
        (frozenset(state.files), frozenset(state.folders))
        for state in disk.after_power_cut(100, random.Random(1))
    }
    assert found == {
        (frozenset({file}), frozenset(folders))
        for file in ("/old", "/new")
        for folders in ((), ("/d",))
    }

"""All stories that are cut short, by name: those of a store alone, and those of a whole broker."""

import random
from collections.abc import Callable
from typing import Final
from unittest import mock

from tests.crash import promises
from tests.crash.broker_story import BrokerStory
from tests.crash.compacting import compacted
from tests.crash.enumerate_states import Story
from tests.crash.ledger import Ledger
from tests.crash.recorder import RecordingFiles
from tests.crash.states import State
from tests.crash.workloads import WORKLOADS, World

ALL: Final = {**WORKLOADS, "compacted": compacted}


class StoreStory:
    """A workload of a store."""

    def __init__(self, name: str, seed: int) -> None:
        self._world = World(seed)
        ALL[name](self._world)
        self.files: RecordingFiles = self._world.files
        self.ledger: Ledger = self._world.ledger
        self.survives_power_cuts = self._world.is_synced

    def check(self, state: State, operation: int) -> RecordingFiles:
        return promises.check(self._world, state, operation)


def _begun(make: Callable[[int], Story]) -> Callable[[int], Story]:
    """Have ids that are random chosen by the seed, too."""

    def begin(seed: int) -> Story:
        with mock.patch("os.urandom", random.Random(seed).randbytes):
            return make(seed)

    return begin


def _of_a_store(name: str) -> Callable[[int], Story]:
    return _begun(lambda seed: StoreStory(name, seed))


STORIES: Final[dict[str, Callable[[int], Story]]] = {
    **{name: _of_a_store(name) for name in ALL},
    "a broker": _begun(BrokerStory),
}

"""Run a workload, and try the states that a crash after each of its operations may leave."""

import random
from collections import Counter
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from typing import Final, Protocol

from tests.crash.ledger import Ledger
from tests.crash.recorder import Operation, RecordingFiles, Site
from tests.crash.states import Disk, State

AGAIN_EVERY: Final = 40
"""After so many states the recovery from one is itself cut short, after some of its operations."""
AGAIN_OPERATIONS: Final = 6
AGAIN_STATES: Final = 3


class Story(Protocol):
    """A workload that has run."""

    files: RecordingFiles
    ledger: Ledger
    survives_power_cuts: bool

    def check(self, state: State, operation: int) -> RecordingFiles:
        """Recover from a state that operation left; return the files, with what recovery did."""


@dataclass(slots=True)
class Result:
    """What a run came to."""

    built: int = 0
    checked: int = 0
    digests: set[bytes] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)
    sites: set[Site] = field(default_factory=set)
    operations: int = 0
    failure: str = ""


class Enumeration:
    """The states of one story."""

    def __init__(self, story: Story, per_operation: int, seed: int, *, stride: int = 1) -> None:
        self.story = story
        self.per_operation = per_operation
        self.stride = stride
        self.chance = random.Random(seed)
        self.result = Result(sites=set(story.files.sites))
        self._seen: set[bytes] = set()

    def run(self) -> Result:
        """Try them, until one breaks a promise: that raises, with a note which."""
        operations = self.story.files.operations
        began = self.story.files.began
        self.result.operations = len(operations) - began
        stops = range(began, len(operations) + 1, self.stride)
        self._walk(operations, stops, self.per_operation, self._try)
        return self.result

    def _walk(
        self,
        operations: list[Operation],
        stops: Container[int],
        per_operation: int,
        try_one: Callable[[State, int], None],
    ) -> None:
        disk = Disk()
        for number, operation in enumerate(operations, 1):
            disk.do(operation)
            if number not in stops:
                continue
            for state in disk.killed():
                try_one(state, number)
            if self.story.survives_power_cuts:
                for state in disk.after_power_cut(per_operation, self.chance):
                    try_one(state, number)

    def _is_new(self, state: State, operation: int, prefix: str) -> bool:
        self.result.built += 1
        digest = state.digest()
        key = digest + repr((prefix, self.story.ledger.signature(operation))).encode()
        if key in self._seen:
            return False
        self._seen.add(key)
        self.result.digests.add(digest)
        self.result.kinds[prefix + state.kind] += 1
        self.result.checked += 1
        return True

    def _try(self, state: State, operation: int) -> None:
        if not self._is_new(state, operation, ""):
            return
        after = self._check(state, operation, "")
        if self.result.checked % AGAIN_EVERY == 0:
            self._again(after, operation)

    def _again(self, first: RecordingFiles, operation: int) -> None:
        """Cut a recovery short, and recover from what that leaves."""
        where = f", recovery from a state of operation {operation}"

        def try_one(state: State, number: int) -> None:
            if self._is_new(state, operation, "recovery: "):
                self._check(state, operation, f"{where}, stopped after {number}")

        stops = range(first.began, len(first.operations) + 1)
        chosen = set(self.chance.sample(stops, min(AGAIN_OPERATIONS, len(stops))))
        self._walk(first.operations, chosen, AGAIN_STATES, try_one)

    def _check(self, state: State, operation: int, where: str) -> RecordingFiles:
        try:
            after = self.story.check(state, operation)
        except BaseException as error:
            last = self.story.files.operations[operation - 1]
            what = last._replace(content=last.content[:20])
            error.add_note(f"{state.kind}, after operation {operation} ({what}){where}")
            error.state = state  # type: ignore[attr-defined]
            raise
        self.result.sites |= after.sites
        return after

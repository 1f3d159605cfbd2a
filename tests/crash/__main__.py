"""Try the disk states that crashes may leave; `make crash STATES=100000` runs this.

    python -m tests.crash --states 100000 [--seed N] [--story NAME]

Ends with 1 if a promise is broken, or if a line that changes files was reached by no story.
"""

import argparse
import os
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import count

from tests.crash.coverage import missing, sites
from tests.crash.enumerate_states import Enumeration, Result
from tests.crash.recorder import Site
from tests.crash.stories import STORIES

PER_OPERATION = 24


def try_story(name: str, seed: int) -> tuple[str, Result]:
    """Run a story, and try its states; a failure is told in the result."""
    enumeration = None
    try:
        enumeration = Enumeration(STORIES[name](seed), PER_OPERATION, seed)
        return name, enumeration.run()
    except Exception as error:
        result = enumeration.result if enumeration is not None else Result()
        result.failure = f"{name}, seed {seed}\n" + "".join(traceback.format_exception(error))
        return name, result


class Campaign:
    """Rounds of all stories, each with another seed, until there are enough states."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.by_story: dict[str, Result] = {name: Result() for name in names}
        self.kinds: Counter[str] = Counter()
        self.sites: set[Site] = set()
        self.failure = ""

    @property
    def checked(self) -> int:
        return sum(result.checked for result in self.by_story.values())

    def run(self, states: int, seed: int, workers: int) -> None:
        """Spread stories over processes, at least two rounds of all."""
        work = ((name, number) for number in count(seed) for name in self.names)
        least = 2 * len(self.names)  # with and without syncing whole file systems
        with ProcessPoolExecutor(workers) as pool:
            running = set()
            begun = 0
            while not self.failure:
                while len(running) < workers and (self.checked < states or begun < least):
                    running.add(pool.submit(try_story, *next(work)))
                    begun += 1
                if not running:
                    break
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for job in done:
                    self._add(*job.result())
            for job in running:
                job.cancel()

    def _add(self, name: str, result: Result) -> None:
        into = self.by_story[name]
        into.built += result.built
        into.checked += result.checked
        into.operations += result.operations
        into.digests |= result.digests
        self.kinds += result.kinds
        self.sites |= result.sites
        self.failure = self.failure or result.failure

    def report(self, seconds: float) -> None:
        """Print what was tried."""
        print(f"{'story':<18}{'operations':>11}{'built':>9}{'checked':>9}{'distinct':>9}")
        for name, result in self.by_story.items():
            distinct = len(result.digests)
            print(
                f"{name:<18}{result.operations:>11}{result.built:>9}"
                f"{result.checked:>9}{distinct:>9}"
            )
        for kind, number in self.kinds.most_common():
            print(f"  {kind:<24}{number:>9}")
        rate = self.checked / seconds
        print(f"{self.checked} states checked in {seconds:.0f} s, {rate:.0f} states/s")


def main() -> int:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash")
    parser.add_argument("--states", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--story", choices=sorted(STORIES), action="append")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    campaign = Campaign(given.story or list(STORIES))
    began = time.monotonic()
    campaign.run(given.states, given.seed, given.workers)
    campaign.report(time.monotonic() - began)
    if campaign.failure:
        print(campaign.failure)
        return 1
    if given.story:
        return 0
    unreached = missing(campaign.sites)
    print(f"{len(sites())} lines change files, {len(unreached)} of them were not reached")
    for line in unreached:
        print(f"  {line}")
    return 1 if unreached else 0


if __name__ == "__main__":
    sys.exit(main())

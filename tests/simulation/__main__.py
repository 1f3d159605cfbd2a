"""Simulate many seeds of every story; `make simulate SEEDS=10000` runs this.

A seed that breaks a promise prints its transcript, and gives it again when it is run alone:

    python -m tests.simulation --story transactions --first 4711 --seeds 1 --transcript
"""

import argparse
import os
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.stories import STORIES

CHUNK = 50


def simulate(name: str, first: int, count: int) -> tuple[Counter[str], str]:
    """Run some seeds of a story; return what happened, and the first failure if there is one."""
    totals: Counter[str] = Counter()
    for seed in range(first, first + count):
        try:
            story = STORIES[name](seed)
            story.run()
        except Exception as error:
            return totals, "".join(traceback.format_exception(error))
        totals["seeds"] += 1
        totals["events"] += story.simulation.events
        totals["crashes"] += story.broker.crashes
    return totals, ""


def run_all(name: str, first: int, seeds: int, workers: int) -> tuple[Counter[str], str]:
    """Spread seeds over processes."""
    totals: Counter[str] = Counter()
    failure = ""
    with ProcessPoolExecutor(workers) as pool:
        ends = first + seeds
        jobs = [
            pool.submit(simulate, name, start, min(CHUNK, ends - start))
            for start in range(first, ends, CHUNK)
        ]
        for job in jobs:
            if failure:
                job.cancel()
                continue
            more, failure = job.result()
            totals += more
    return totals, failure


def main() -> int:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--story", choices=sorted(STORIES), action="append")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--transcript", action="store_true", help="print what happened")
    given = parser.parse_args()
    for name in given.story or STORIES:
        if given.transcript:
            story = STORIES[name](given.first)
            try:
                story.run()
            finally:
                print("\n".join(story.simulation.transcript))
            continue
        began = time.monotonic()
        totals, failure = run_all(name, given.first, given.seeds, given.workers)
        seconds = time.monotonic() - began
        print(
            f"{name}: {totals['seeds']} seeds, {totals['events']} events, "
            f"{totals['crashes']} crashes, {totals['seeds'] / seconds:.0f} seeds/s"
        )
        if failure:
            print(failure)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

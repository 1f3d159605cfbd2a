"""When the loop looks for more before it sleeps, by a clock and a loop of the test's own."""

import asyncio

from kafkacompat.server.idle_poll import MAX_LOOKS, RUN_OF_SHORT_GAPS, IdlePoll

US = 1e-6


class Bench:
    """A poll with a limit of 100 microseconds, whose looks each take some time."""

    def __init__(self, look_us: float = 10, limit_us: int = 100) -> None:
        self.now_s = 1.0
        self.readings = 0
        self.look_us = look_us
        self.poll = IdlePoll(limit_us, self._read)

    def _read(self) -> float:
        self.readings += 1
        return self.now_s

    def exchange(self, gap_us: float, times: int = 1, answers: int = 1) -> None:
        for _ in range(times):
            self.now_s += gap_us * US
            self.poll.asked()
            self.poll.waits(answers)

    def looks(self) -> int:
        """Run the loop until nothing is left to do; return how often it was looked for more."""

        async def run() -> int:
            self.exchange(50)
            looks = 0
            while self.poll._is_polling:
                self.now_s += self.look_us * US
                await asyncio.sleep(0)
                looks += 1
            return looks

        return asyncio.run(run())


def test_requests_that_follow_each_other_closely_are_waited_for_awake() -> None:
    bench = Bench()
    bench.exchange(50, RUN_OF_SHORT_GAPS)
    assert 9 <= bench.looks() <= 12


def test_a_long_gap_ends_the_run() -> None:
    bench = Bench()
    bench.exchange(50, RUN_OF_SHORT_GAPS)
    bench.exchange(200)
    assert bench.looks() == 0


def test_after_a_look_in_vain_another_run_is_needed() -> None:
    bench = Bench()
    bench.exchange(50, RUN_OF_SHORT_GAPS)
    assert bench.looks() > 0
    assert bench.looks() == 0


def test_who_sends_many_requests_at_a_time_is_not_waited_for_awake() -> None:
    bench = Bench()
    bench.exchange(50, 10 * RUN_OF_SHORT_GAPS, answers=20)
    assert bench.looks() == 0


def test_a_limit_of_zero_never_polls() -> None:
    bench = Bench(limit_us=0)
    bench.exchange(0, 10 * RUN_OF_SHORT_GAPS)
    assert bench.looks() == 0


def test_a_clock_that_stands_still_does_not_keep_the_loop_busy() -> None:
    bench = Bench(look_us=0)
    bench.exchange(50, RUN_OF_SHORT_GAPS)
    assert bench.looks() <= MAX_LOOKS + 1

"""Time, chance and order in a simulation: one seed, one queue of events, one transcript.

Client models and handlers are coroutines; they are driven by hand, without an event loop, so
that a seed always gives the same run.
"""

import asyncio
import heapq
import random
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

MAX_EVENTS = 200_000


class Violation(AssertionError):
    """A promise is broken; the transcript says how it came about."""


class Loop:
    """As much of an event loop as futures need."""

    def __init__(self, simulation: "Simulation") -> None:
        self._simulation = simulation

    def call_soon(self, callback: Callable[..., Any], *args: Any, context: Any = None) -> None:
        self._simulation.soon(lambda: callback(*args))

    call_soon_threadsafe = call_soon

    def create_future(self) -> "asyncio.Future[Any]":
        return asyncio.Future(loop=self)  # type: ignore[arg-type]

    def get_debug(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Nobody asked for that future's error: it was given up."""


class Simulation:
    """One run. Everything that is random or takes time asks it."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.now_ms = 0
        self.loop = Loop(self)
        self.transcript: list[str] = []
        self.events = 0
        self._order = 0
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._failure: BaseException | None = None

    # --- events

    def at(self, at_ms: int, event: Callable[[], None]) -> None:
        """Have something happen at a time; what is due together happens in order."""
        self._order += 1
        heapq.heappush(self._queue, (max(at_ms, self.now_ms), self._order, event))

    def after(self, delay_ms: int, event: Callable[[], None]) -> None:
        """Have something happen once `delay_ms` have passed."""
        self.at(self.now_ms + delay_ms, event)

    def soon(self, event: Callable[[], None]) -> None:
        """Have something happen next."""
        self.at(self.now_ms, event)

    def run(self, until: Callable[[], bool], limit_ms: int) -> bool:
        """Let events happen until something is true; False if time runs out before."""
        asyncio._set_running_loop(self.loop)  # type: ignore[arg-type]
        try:
            while not until():
                if not self._queue or self._queue[0][0] > limit_ms:
                    return False
                at_ms, _, event = heapq.heappop(self._queue)
                self.now_ms = at_ms
                self.events += 1
                if self.events > MAX_EVENTS:
                    raise Violation("it goes round in circles")
                event()
                if self._failure is not None:
                    raise self._failure
            return True
        finally:
            asyncio._set_running_loop(None)

    # --- coroutines

    async def sleep(self, delay_ms: int) -> None:
        """Wait, in a coroutine that is driven here."""
        future = self.loop.create_future()
        self.after(delay_ms, lambda: None if future.done() else future.set_result(None))
        await future

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin a model client; what it raises ends the simulation."""
        self.drive(work, lambda result: None, self.fail)

    def fail(self, error: BaseException) -> None:
        """End the simulation with an error."""
        self._failure = self._failure or error

    def drive(
        self,
        work: Coroutine[Any, Any, Any] | Generator[Any, Any, Any] | Awaitable[Any],
        done: Callable[[Any], None],
        failed: Callable[[BaseException], None],
        guard: Callable[[Callable[[], None]], None] = lambda step: step(),
    ) -> None:
        """Run a coroutine from future to future; `guard` is called with each step."""
        coroutine: Any = work

        def step() -> None:
            try:
                future = coroutine.send(None)
            except StopIteration as stop:
                done(stop.value)
            except Exception as error:
                failed(error)
            else:
                future._asyncio_future_blocking = False
                future.add_done_callback(lambda _: guard(step))

        guard(step)

    # --- what is told of it

    def note(self, *words: object) -> None:
        """Add a line to the transcript."""
        self.transcript.append(f"{self.now_ms:>7} " + " ".join(map(str, words)))

    @contextmanager
    def explained(self) -> Generator[None, None, None]:
        """Add the seed and the end of the transcript to whatever goes wrong."""
        try:
            yield
        except BaseException as error:
            error.add_note("\n".join([f"seed {self.seed}", *self.transcript[-400:]]))
            raise

"""What is done from time to time; what is done then is tested with its subject."""

from types import SimpleNamespace
from typing import Any

from kafkacompat.clock import Timers
from kafkacompat.upkeep import SWEEP_MS, Upkeep
from tests.support.clock import FakeClock


class Node(SimpleNamespace):
    """As much of a node as is needed: what is loaded waits to be done."""

    def __init__(self, *, is_first: bool) -> None:
        clock = FakeClock()
        self.swept_at_ms: list[int] = []
        self.next_due_ms: int | None = None
        self.loads: list[Any] = []
        super().__init__(
            clock=clock,
            timers=Timers(clock),
            is_stopping=False,
            members=SimpleNamespace(is_first=lambda node: is_first),
            store=SimpleNamespace(prepare_checkpoint=lambda: print, sweep=self._sweep),
        )

    def _sweep(self, now_ms: int) -> int | None:
        self.swept_at_ms.append(now_ms)
        return self.next_due_ms

    def load(self, loads: list[Any], done: Any) -> None:
        self.loads.append((loads, done))

    def do_loads(self) -> None:
        for loads, done in self.loads:
            for load in loads:
                load()
            done()
        self.loads.clear()


def test_one_checkpoint_is_as_good_as_many() -> None:
    node: Any = Node(is_first=True)
    upkeep = Upkeep(node)
    upkeep.checkpoint()
    upkeep.checkpoint()
    assert (len(node.loads), upkeep.checkpoints_under_way) == (1, 1)
    node.do_loads()
    upkeep.checkpoint()
    assert len(node.loads) == 1


def test_only_the_first_of_several_nodes_writes_checkpoints() -> None:
    node: Any = Node(is_first=False)
    Upkeep(node).checkpoint()
    assert node.loads == []


def test_sweeps_follow_as_long_as_something_is_due() -> None:
    node: Any = Node(is_first=True)
    upkeep = Upkeep(node)
    begun_ms = node.clock.monotonic_ms()
    upkeep.sweep_soon()
    upkeep.sweep_soon()
    node.next_due_ms = begun_ms + 10_000
    node.clock.advance(SWEEP_MS)
    assert len(node.loads) == 1
    node.do_loads()
    assert upkeep.next_sweep is not None
    node.next_due_ms = None
    node.clock.advance(10_000)
    node.do_loads()
    assert node.swept_at_ms == [begun_ms + SWEEP_MS, begun_ms + 10_000]
    assert upkeep.next_sweep is None

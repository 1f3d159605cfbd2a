"""The stories that can be simulated, by name."""

from collections.abc import Callable
from typing import Protocol

from tests.simulation import groups, share, transactions
from tests.simulation.broker import SimulatedBroker
from tests.simulation.scheduler import Simulation


class Story(Protocol):
    """One run from a seed."""

    simulation: Simulation
    broker: SimulatedBroker

    def run(self) -> None:
        """Run and check. Errors: Violation, with the transcript."""


STORIES: dict[str, Callable[[int], Story]] = {
    "transactions": transactions.Story,
    "groups": groups.Story,
    "share": share.Story,
}

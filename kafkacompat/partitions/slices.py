"""Long work on the event loop, a few milliseconds at a time."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kafkacompat.broker import Node

SLICE_S: Final = 0.002


class Slices:
    """Lets everybody else go on whenever a slice of time is used up."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._until = node.clock.seconds() + SLICE_S

    async def pause_if_due(self) -> None:
        """Go on at once, or after the others had their turn."""
        if self._node.clock.seconds() >= self._until:
            await self._node.give_way()
            self._until = self._node.clock.seconds() + SLICE_S

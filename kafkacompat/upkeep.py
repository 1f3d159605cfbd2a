"""What a node does from time to time: checkpoints, retention, compaction, expiry, sweeps."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from kafkacompat.clock import Timer
from kafkacompat.config import keys
from kafkacompat.metadata.internal_topics import OFFSETS_TOPIC

if TYPE_CHECKING:
    from kafkacompat.broker import Node

log = logging.getLogger("kafkacompat.broker")

SWEEP_MS = 1_000


class Upkeep:
    """The background work of one node; what concerns all, the first node does."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self.checkpoints_under_way = 0
        self.next_sweep: Timer | None = None

    def begin(self) -> None:
        """Begin with all of it."""
        node, get = self._node, self._node.config.get
        self._every(get(keys.LOG_FLUSH_OFFSET_CHECKPOINT_INTERVAL_MS), self.checkpoint)
        self._every(get(keys.LOG_RETENTION_CHECK_INTERVAL_MS), lambda: node.retention.begin())
        self._compact_later()
        self._every(get(keys.OFFSETS_RETENTION_CHECK_INTERVAL_MS), self._expire_offsets)

    def checkpoint(self) -> None:
        """Have a thread write down where the logs are."""
        if self.checkpoints_under_way or not self._node.members.is_first(self._node):
            return  # The disk is slow, or time was put forward: one is as good as many.

        def done() -> None:
            self.checkpoints_under_way -= 1

        self.checkpoints_under_way += 1
        self._node.load([self._node.store.prepare_checkpoint()], done)

    def sweep_soon(self) -> None:
        """Have what waits to be removed from the disk removed."""
        self._sweep_at(self._node.clock.monotonic_ms() + SWEEP_MS)

    def _every(self, interval_ms: int, work: Callable[[], None]) -> None:
        """Do something again and again, for as long as the node runs."""

        def fire() -> None:
            if self._node.is_stopping:
                return
            try:
                work()
            except Exception:
                log.exception("Background work failed")
            self._node.timers.after(max(1, interval_ms), fire)

        self._node.timers.after(max(1, interval_ms), fire)

    def _compact_later(self) -> None:
        """Look for what is to be compacted when the present back-off is over, and again then."""
        node = self._node

        def fire() -> None:
            if not node.is_stopping:
                node.cleaning.begin()
                self._compact_later()

        node.timers.after(max(1, node.config.get(keys.LOG_CLEANER_BACKOFF_MS)), fire)

    def _expire_offsets(self) -> None:
        if OFFSETS_TOPIC in self._node.image.topics:
            self._node.groups.expire_offsets()

    def _sweep_at(self, at_ms: int) -> None:
        timer = self.next_sweep
        if timer is not None and timer.callback is not None:
            if timer.at_ms <= at_ms:
                return
            timer.cancel()
        self.next_sweep = self._node.timers.at(at_ms, self._sweep)

    def _sweep(self) -> None:
        self.next_sweep = None
        node = self._node
        now_ms = node.clock.monotonic_ms()
        due_ms: list[int | None] = []

        def done() -> None:
            if due_ms and due_ms[0] is not None and not node.is_stopping:
                self._sweep_at(due_ms[0])

        node.load([lambda: due_ms.append(node.store.sweep(now_ms))], done)

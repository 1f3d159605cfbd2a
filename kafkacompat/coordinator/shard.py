"""What one partition of a coordinator's topic holds: machines, and how records change them.

A record of our own is heard of twice: when it is `written`, and when it is durable (`apply`).
Machines of the newer protocols change when it is written, so that the next request of the same
turn finds them changed; what cannot be kept then makes the runtime load the whole shard again.
Classic groups and plain offsets change when it is durable, and can take back a loss.
"""

from typing import Any, Protocol

from kafkacompat.coordinator.outcome import Outcome, Write
from kafkacompat.partitions.partition import Partition
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_storage.appended import Appended


class Machine(Protocol):
    """A group, a transactional id: what has deadlines and those who wait."""

    def next_deadline_ms(self) -> int | None:
        """Return when `expire` has something to do at the earliest."""

    def expire(self, now_ms: int, wall_ms: int) -> Outcome:
        """Do what is due."""

    def abandoned(self, code: ErrorCode) -> Outcome:
        """Nobody coordinates it here any more: answer all who wait."""

    @property
    def is_blank(self) -> bool:
        """Whether nothing would be lost if it had never been made."""


class Shard:
    """The state of one partition of a coordinator's topic. Times are monotonic milliseconds."""

    def __init__(self, partition: Partition) -> None:
        self.partition = partition
        self.machines: dict[str, Any] = {}
        """Name -> machine."""
        self.is_loaded = False
        self.newest: Appended | None = None
        """The newest append that has changed a machine when it was written."""

    def load(self, key: Any, value: Any, offset: int, now_ms: int) -> None:
        """Take in a record of the log, in order; no value is a tombstone."""
        raise NotImplementedError

    def loaded(self, now_ms: int, wall_ms: int) -> list[tuple[str, Outcome]]:
        """All of the log is taken in: return what is to go on, by machine."""
        return []

    def written(self, key: Any, value: Any, offset: int, now_ms: int) -> bool:
        """Take in a record of our own that is not durable yet; return whether anything changed."""
        return False

    def apply(self, key: Any, value: Any, offset: int, now_ms: int) -> Outcome:
        """Take in a record of our own that has become durable; return what follows from it."""
        return Outcome()

    def lost(self, key: Any, value: Any, now_ms: int) -> tuple[str, Outcome]:
        """Take in that a record of our own is not kept; return its machine, and what follows."""
        return "", Outcome()

    def begin(self, writes: list[Write]) -> None:
        """Note records that are written but not durable yet."""

    def end(self, writes: list[Write]) -> None:
        """Note that records are durable, or never will be."""

    def pending(self, producer_id: int, key: Any, value: Any, offset: int) -> None:
        """Take in a record, of the log or our own, that waits for its transaction to end."""

    def transaction_ended(self, producer_id: int, *, committed: bool) -> None:
        """Take in the marker that ends a producer's transaction."""

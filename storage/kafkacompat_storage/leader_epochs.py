"""Which leader epoch began at which offset, and the file that keeps it.

Spec: KIP-101, KIP-279 (OffsetForLeaderEpoch's answer).
"""

from bisect import bisect_right
from typing import NamedTuple

from .checkpoint import decode_lines, encode_lines


class EpochStart(NamedTuple):
    epoch: int
    start_offset: int


class LeaderEpochs:
    """Epochs in the order they began; both numbers rise."""

    __slots__ = ("changed", "starts")

    def __init__(self, starts: list[EpochStart] | None = None) -> None:
        self.starts = starts or []
        self.changed = False
        """Whether there is something that the file does not have yet."""

    @property
    def latest(self) -> int:
        """The last epoch that wrote a batch, -1 if none did."""
        return self.starts[-1].epoch if self.starts else -1

    def assign(self, epoch: int, start_offset: int) -> bool:
        """Note that `epoch` writes from `start_offset` on; return whether that is news."""
        if epoch <= self.latest:
            return False
        self.truncate(start_offset)
        self.starts.append(EpochStart(epoch, start_offset))
        self.changed = True
        return True

    def end_offset(self, epoch: int, log_end_offset: int) -> tuple[int, int]:
        """Return (largest known epoch at or below `epoch`, where it ends); (-1, -1) if unknown."""
        if epoch < 0 or epoch > self.latest:
            return -1, -1
        if epoch == self.latest:
            return epoch, log_end_offset
        following = bisect_right(self.starts, epoch, key=lambda start: start.epoch)
        floor = self.starts[following - 1].epoch if following else epoch
        return floor, self.starts[following].start_offset

    def epoch_of(self, offset: int) -> int:
        """Return the epoch that wrote `offset`, -1 if unknown."""
        at = bisect_right(self.starts, offset, key=lambda start: start.start_offset)
        return self.starts[at - 1].epoch if at else -1

    def truncate(self, end_offset: int) -> None:
        """Forget the epochs that begin at or after the log's new end."""
        while self.starts and self.starts[-1].start_offset >= end_offset:
            self.starts.pop()

    def advance_start(self, start_offset: int) -> None:
        """Forget the epochs that end before the log's new start; the one it is in begins there."""
        self.changed = True
        while len(self.starts) > 1 and self.starts[1].start_offset <= start_offset:
            self.starts.pop(0)
        if self.starts and self.starts[0].start_offset < start_offset:
            self.starts[0] = EpochStart(self.starts[0].epoch, start_offset)

    def encode(self) -> bytes:
        return encode_lines([f"{epoch} {start}" for epoch, start in self.starts])


def decode_leader_epochs(content: bytes | None, end_offset: int) -> LeaderEpochs:
    """Read the file, up to the first line that cannot be one; none gives no epochs."""
    epochs = LeaderEpochs()
    for line in decode_lines(content) or ():
        epoch, _, start = line.partition(" ")
        if not epoch.isdecimal() or not start.isdecimal() or int(start) >= end_offset:
            break
        if not epochs.assign(int(epoch), int(start)):
            break
    return epochs

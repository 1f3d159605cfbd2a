"""What was appended to a log but is not in its file yet, and how to take it back."""

from typing import NamedTuple

from kafkacompat_protocol.errors import KafkaError

from .files import Buffer, File
from .producer_state import Producer, ProducerState


class Writing(NamedTuple):
    """What of a log a thread is to write at `start`; then it ends at `offset` and `position`."""

    file: File
    start: int
    contents: list[Buffer]
    offset: int
    position: int
    producers: int


class Staged:
    """One log's batches between `stage` and `write_staged`.

    `offset` and `position` are where the log ends in its active segment's file. `lost` is why
    batches were taken back before anybody asked for them to be written.
    """

    __slots__ = ("_producers", "lost", "offset", "position")

    def __init__(self, offset: int, position: int) -> None:
        self.offset = offset
        self.position = position
        self.lost: KafkaError | None = None
        self._producers: list[tuple[int, Producer | None, int | None]] = []

    def note_producer(self, state: ProducerState, producer_id: int) -> None:
        """Remember what was known of a producer, before a batch of its is taken in."""
        known = state.producers.get(producer_id)
        self._producers.append((producer_id, known, state.open_transactions.get(producer_id)))

    def written(self, offset: int, position: int) -> None:
        """Nothing is staged: the file ends here."""
        self.offset = offset
        self.position = position
        if self._producers:
            self._producers.clear()

    def begin(self, file: File, contents: list[Buffer], offset: int, position: int) -> Writing:
        """Return what is to be written so that the log ends there."""
        producers = len(self._producers)
        return Writing(file, self.position, contents, offset, position, producers)

    def wrote(self, writing: Writing) -> None:
        """The file ends where this ends; what came later is still staged."""
        self.offset, self.position = writing.offset, writing.position
        del self._producers[: writing.producers]

    def restore_producers(self, state: ProducerState) -> None:
        """Give producers back what was known of them before the first batch that is staged."""
        while self._producers:
            state.put_back(*self._producers.pop())
        state.forget_completed(self.offset)

"""Reading a partition's segments without scanning them again and again."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from kafkacompat_protocol.errors import ErrorCode, KafkaError

from .files import Buffer
from .scan import BadBatch
from .segments import Need, Segment

_HINTS_LIMIT: Final = 64
_OPEN_INDEXES_LIMIT: Final = 8
"""Sealed segments per log whose indexes stay in memory."""


class Read(NamedTuple):
    """Whole batches, to be sent as they are."""

    buffers: list[Buffer]
    size: int
    next_offset: int = -1
    """Where the next read goes on; -1 if nothing was read."""


class Miss:
    """A read that would have to wait: `load` in another thread, then read again."""

    __slots__ = ("_need", "_segment")

    def __init__(self, segment: Segment, need: Need) -> None:
        self._segment = segment
        self._need = need

    def load(self) -> None:
        """Fetch what was missing. May block; any thread. Errors: KAFKA_STORAGE_ERROR."""
        try:
            self._segment.load(self._need)
        except (OSError, BadBatch) as error:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error)) from error


EMPTY: Final = Read([], 0)


class Reader:
    """Where in which segment some offsets are: the ends that readers come to, above all.

    `stable` is the high watermark and its place.
    """

    __slots__ = ("_hints", "_open_indexes", "stable")

    def __init__(self, high_watermark: int, segment: Segment) -> None:
        self.stable = (high_watermark, segment, segment.size)
        self._hints: dict[int, tuple[Segment, int]] = {}
        self._open_indexes: list[Segment] = []

    def hint(self, offset: int, segment: Segment, position: int) -> None:
        """Note where the batch that holds `offset` begins, or will."""
        if len(self._hints) >= _HINTS_LIMIT:
            self._hints.clear()
        self._hints[offset] = (segment, position)

    def forget(self) -> None:
        """Forget all places but the high watermark's: something was cut."""
        self._hints.clear()
        self._open_indexes.clear()

    def replace(self, old: Sequence[Segment], new: Segment) -> None:
        """Forget places in segments that were replaced by another, wholly below the high watermark.

        Where the high watermark was the end of the last of them, it is the end of the new one.
        """
        self.forget()
        offset, segment, _ = self.stable
        if any(segment is part for part in old):
            self.stable = (offset, new, new.size)

    def read(
        self, segment: Segment, offset: int, max_bytes: int, up_to: int, at_least_one: bool
    ) -> Read | Miss | None:
        """Read from one segment up to offset `up_to`; None if it has nothing from `offset` on."""
        position = self._locate(segment, offset)
        if isinstance(position, Need):
            return self._missed(segment, position)
        end = self._position_of_end(segment, up_to)
        if isinstance(end, Need):
            return self._missed(segment, end)
        if position >= end:
            return None
        chunk = segment.read(position, max_bytes, end, at_least_one)
        if isinstance(chunk, Need):
            return self._missed(segment, chunk)
        following = chunk.next_offset
        if chunk.size:
            if following < 0:
                following = min(up_to, segment.next_offset)
            self.hint(following, segment, position + chunk.size)
        return Read(chunk.buffers, chunk.size, following)

    def _position_of_end(self, segment: Segment, up_to: int) -> int | Need:
        offset, stable_segment, position = self.stable
        if up_to == offset and segment is stable_segment:
            return position
        if up_to >= segment.next_offset:
            return segment.size
        return self._locate(segment, up_to)

    def _locate(self, segment: Segment, offset: int) -> int | Need:
        hint = self._hints.get(offset)
        if hint is not None and hint[0] is segment:
            return hint[1]
        found = segment.locate(offset)
        if not isinstance(found, Need):
            self.hint(offset, segment, found)
        return found

    def _missed(self, segment: Segment, need: Need) -> Miss:
        if segment not in self._open_indexes and segment is not self.stable[1]:
            self._open_indexes.append(segment)
            if len(self._open_indexes) > _OPEN_INDEXES_LIMIT:
                self._open_indexes.pop(0).forget_indexes()
        return Miss(segment, need)

"""What a workload was told, and when: what must hold of a disk that stopped after any operation."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

from kafkacompat_protocol.records.batch import BatchHeader, read_header

OUTSIDE_THE_CRC = 16
"""Bytes of a batch that the broker sets: offset, length, leader epoch."""


@dataclass(slots=True)
class Steps:
    """A number that rises: from `operations` on it is `value`."""

    operations: list[int] = field(default_factory=lambda: [-1])
    values: list[int] = field(default_factory=lambda: [0])

    def rise(self, operation: int, value: int) -> None:
        """Note a new value."""
        self.operations.append(operation)
        self.values.append(max(value, self.values[-1]))

    def at(self, operation: int) -> int:
        """Return the value that holds after so many operations."""
        return self.values[bisect_right(self.operations, operation) - 1]


@dataclass(slots=True)
class Sent:
    """A batch as its producer sent it, at the offset that it was given."""

    offset: int
    content: bytes

    @property
    def header(self) -> BatchHeader:
        return read_header(self.content)._replace(base_offset=self.offset)


class Book:
    """One partition. `begin` and `end` bound what a restart may find."""

    def __init__(self) -> None:
        self.sent: dict[int, Sent] = {}
        """By offset."""
        self.acknowledged = Steps()
        """The log ends here, or later."""
        self.deleted = Steps()
        """The log begins here, or later: somebody was told."""
        self.deletable = Steps()
        """The log does not begin later: nobody has asked for more."""
        self.is_compacted = False
        self.newest: dict[bytes, int] = {}

    def batches(self, end: int) -> list[Sent]:
        """Return what a log that ends at `end` has been sent."""
        return [sent for offset, sent in sorted(self.sent.items()) if offset < end]


class Ledger:
    """All of it, by the number of operations done."""

    def __init__(self, count: Callable[[], int]) -> None:
        self.count = count
        self.books: dict[str, Book] = {}
        self.facts: list[tuple[int, str, object]] = []
        """Other things that were true from an operation on, by name; the last one holds."""

    def book(self, topic: str) -> Book:
        """Return a partition's book."""
        return self.books.setdefault(topic, Book())

    def note(self, name: str, value: object) -> None:
        """Note something that holds from now on."""
        self.facts.append((self.count(), name, value))

    def facts_at(self, operation: int) -> dict[str, object]:
        """Return what holds after so many operations."""
        return {name: value for count, name, value in self.facts if count <= operation}

    def signature(self, operation: int) -> tuple[object, ...]:
        """Return what a state is held against: equal states need not be tried twice."""
        books = [
            (topic, book.acknowledged.at(operation), book.deleted.at(operation))
            for topic, book in self.books.items()
        ]
        return (tuple(books), sum(count <= operation for count, _, _ in self.facts))

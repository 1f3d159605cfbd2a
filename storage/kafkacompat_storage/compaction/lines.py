"""A task for another process, and the steps that it reports, as lines of JSON.

Long lists come in pieces, each a line, so that nobody is held up by encoding one.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

from ..txn_index import AbortedTransaction
from .batches import LastOfProducer
from .choice import Range, Rules, SegmentFacts
from .work import Cleaned, Mapped, Progress, Step, Task

T = TypeVar("T")
_PIECE: Final = 500


@dataclass(slots=True)
class Order:
    """A task, and the folder of the partition that it is about.

    `bytes_per_second` is how fast it may read and write, None for as fast as it can.
    """

    task: Task
    folder: str
    index_interval: int
    bytes_per_second: float | None = None


def encode_order(order: Order) -> Iterator[bytes]:
    """Yield the lines of an order."""
    task = order.task
    for piece in _pieces(task.segments):
        yield _line({"segments": piece})
    for batches in _pieces(task.last_batches.items()):
        yield _line({"producers": [(key, *last) for key, last in batches]})
    for aborted in _pieces(task.aborted):
        yield _line({"aborted": aborted})
    yield _line(
        {
            "folder": order.folder,
            "index_interval": order.index_interval,
            "bytes_per_second": order.bytes_per_second,
            "span": task.span,
            "rules": task.rules,
            "now_ms": task.now_ms,
            "memory_bytes": task.memory_bytes,
            "load_factor": task.load_factor,
        }
    )


class OrderReader:
    """Puts orders together out of their lines."""

    def __init__(self) -> None:
        self._segments: list[SegmentFacts] = []
        self._producers: dict[int, LastOfProducer] = {}
        self._aborted: list[AbortedTransaction] = []

    def take(self, line: bytes) -> Order | None:
        """Take in the next line; return the order of which it is the last."""
        said = json.loads(line)
        self._segments += [SegmentFacts(*each) for each in said.get("segments", ())]
        self._producers |= {key: LastOfProducer(*last) for key, *last in said.get("producers", ())}
        self._aborted += [AbortedTransaction(*each) for each in said.get("aborted", ())]
        if "folder" not in said:
            return None
        task = Task(
            self._segments,
            Range(*said["span"]),
            Rules(*said["rules"]),
            said["now_ms"],
            said["memory_bytes"],
            said["load_factor"],
            self._producers,
            self._aborted,
        )
        self._segments, self._producers, self._aborted = [], {}, []
        return Order(task, said["folder"], said["index_interval"], said["bytes_per_second"])


_STEPS: Final[dict[str, type[Progress] | type[Mapped] | type[Cleaned]]] = {
    "progress": Progress,
    "mapped": Mapped,
    "cleaned": Cleaned,
}


@dataclass(frozen=True, slots=True)
class Ended:
    """A pass is over; `error` says why it came to nothing.

    `is_bad`: it will not come to anything the next time either. `has_died`: the process has.
    """

    error: str = ""
    is_bad: bool = False
    has_died: bool = False


def encode_step(step: Step | Ended) -> bytes:
    """Return the line of a step."""
    if isinstance(step, Ended):
        return _line({"ended": [step.error, step.is_bad, step.has_died]})
    name = next(name for name, kind in _STEPS.items() if isinstance(step, kind))
    return _line({name: step})


def decode_step(line: bytes) -> Step | Ended:
    """Return what a line says. Errors: ValueError."""
    said: dict[str, Any] = json.loads(line)
    ((name, fields),) = said.items()
    if name == "ended":
        return Ended(*fields)
    return _STEPS[name](*fields)


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode() + b"\n"


def _pieces(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while piece := list(islice(rest, _PIECE)):
        yield piece

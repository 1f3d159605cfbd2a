"""What clients have asked, decoded, and what they were answered."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from kafkacompat.embedded.faults import api_key
from kafkacompat.embedded.subjects import Subjects
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.schema import Struct

KEPT: Final = 10_000
"""Requests that are remembered; older ones are forgotten."""


@dataclass(slots=True)
class LoggedRequest:
    """One request. `request` and `response` are the messages; the response may never come."""

    number: int
    api: str
    api_key: int
    version: int
    client_id: str | None
    connection: str
    broker: int
    """Which broker was asked."""
    wall_ms: int
    request: Any
    subjects: Subjects = field(repr=False)
    response: Any = None
    fault: str | None = None
    """What kind of fault it had."""

    @property
    def errors(self) -> list[ErrorCode]:
        """The error codes in the answer that are not NONE, wherever they are."""
        return list(_errors(self.response))

    def fits(
        self,
        *,
        api: str | int | None = None,
        topic: str | None = None,
        group: str | None = None,
        client_id: str | None = None,
        broker: int | None = None,
    ) -> bool:
        """Whether it is of this API, about this topic and group, from this client (patterns)."""
        if broker is not None and broker != self.broker:
            return False
        if api is not None and api_key(api) != self.api_key:
            return False
        if client_id is not None and not fnmatchcase(self.client_id or "", client_id):
            return False
        subjects = self.subjects
        if topic is not None and not any(fnmatchcase(name, topic) for name in subjects.topics):
            return False
        named = (*subjects.groups, *subjects.transactional_ids)
        return group is None or any(fnmatchcase(name, group) for name in named)

    def __str__(self) -> str:
        errors = ", ".join(code.name for code in self.errors)
        about = sorted({*self.subjects.topics, *self.subjects.groups})
        return (
            f"#{self.number} {self.api} v{self.version} by {self.client_id!r}"
            + (f" about {', '.join(about)}" if about else "")
            + (f" -> {errors}" if errors else "")
            + (f" [{self.fault}]" if self.fault else "")
        )


class RequestLog:
    """The last requests, oldest first. Used on the loop."""

    def __init__(self) -> None:
        self.requests: deque[LoggedRequest] = deque(maxlen=KEPT)
        self._last = 0

    def next_number(self) -> int:
        """Return the number of the next request."""
        self._last += 1
        return self._last

    @property
    def last_number(self) -> int:
        """The number of the last request, 0 if there was none."""
        return self._last

    def find(self, after: int, **filters: Any) -> list[LoggedRequest]:
        """Return the requests after one that fit; filters are those of `LoggedRequest.fits`."""
        return [r for r in self.requests if r.number > after and r.fits(**filters)]


def _errors(value: Any) -> Iterator[ErrorCode]:
    schema = getattr(type(value), "__schema__", None)
    for each in schema.fields if schema is not None else ():
        inner = getattr(value, each.name)
        if each.name == "error_code":
            if inner:
                yield ErrorCode(inner)
        elif isinstance(inner, list):
            for item in inner:
                if isinstance(item, Struct):
                    yield from _errors(item)
        elif isinstance(inner, Struct):
            yield from _errors(inner)

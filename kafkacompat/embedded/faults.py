"""Faults: what is to go wrong with which requests, how often, and how often it has."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

from kafkacompat.embedded.client import OWN_CLIENT_ID
from kafkacompat.embedded.subjects import Subjects
from kafkacompat.server.call import Call
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages._index import MODULES


class Kind(Enum):
    """What happens to a request that a fault matches."""

    ERROR = "error"
    """It is refused, and nothing is done."""
    ERROR_AFTER = "error_after"
    """It is done, and answered with an error nevertheless."""
    DELAY = "delay"
    """It is served later."""
    DISCONNECT = "disconnect"
    """The connection is closed, and nothing is done."""
    DISCONNECT_AFTER = "disconnect_after"
    """It is done, and the connection is closed instead of an answer."""
    BLACK_HOLE = "black_hole"
    """Nothing is done, and no answer ever comes."""
    THROTTLE = "throttle"
    """It is served, and the answer says that the client is to pause."""
    INTERCEPT = "intercept"
    """A function decides, which gets (api, version, request) and may return an error code."""


@dataclass(slots=True)
class Match:
    """Which requests are meant: all that fit everything that is given.

    `topic`, `group` and `client_id` are patterns with `*` and `?`. `api` is a name as in Kafka's
    messages, without "Request", or a key. Of those that fit, the first `skip` are left alone, and
    of the others each is meant with `probability`.
    """

    api: str | int | None = None
    min_version: int | None = None
    max_version: int | None = None
    topic: str | None = None
    partition: int | None = None
    group: str | None = None
    client_id: str | None = None
    connection: str | None = None
    """A client's address, as `host:port`."""
    broker: int | None = None
    """The broker that is asked, of several."""
    skip: int = 0
    probability: float = 1.0
    seed: int = 0

    def fits(self, call: Call, subjects: Subjects) -> bool:
        """Whether a request fits, but for `skip` and `probability`."""
        if self.api is not None and api_key(self.api) != call.api_key:
            return False
        if (
            not (self.min_version or 0)
            <= call.version
            <= (0x7FFF if self.max_version is None else self.max_version)
        ):
            return False
        if self.client_id is not None and not fnmatchcase(call.client_id or "", self.client_id):
            return False
        if self.broker is not None and call.node.node_id != self.broker:
            return False
        if self.connection is not None and call.connection.peer != self.connection:
            return False
        if self.group is not None and not any(
            fnmatchcase(group, self.group)
            for group in (*subjects.groups, *subjects.transactional_ids)
        ):
            return False
        if self.topic is None and self.partition is None:
            return True
        return any(self.wants(*place) for place in subjects.partitions)

    def wants(self, topic: str | None, partition: int | None) -> bool:
        """Whether a partition of a topic is meant."""
        if self.topic is not None and not fnmatchcase(topic or "", self.topic):
            return False
        return self.partition is None or partition is None or partition == self.partition

    @property
    def is_partial(self) -> bool:
        """Whether only some partitions of a request may be meant."""
        return self.topic is not None or self.partition is not None


@dataclass(slots=True)
class Fault:
    """One fault in force. `times` counts down; None is for ever."""

    number: int
    kind: Kind
    match: Match
    code: ErrorCode = ErrorCode.UNKNOWN_SERVER_ERROR
    message: str | None = None
    delay_ms: int = 0
    times: int | None = None
    intercept: Callable[[str, int, Any], ErrorCode | int | None] | None = None
    fired: int = 0
    _skipped: int = 0
    _random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._random.seed(self.match.seed)

    def takes(self, call: Call, subjects: Subjects) -> bool:
        """Whether this request is the fault's; then it is counted."""
        if self.times is not None and self.fired >= self.times:
            return False
        if not self.match.fits(call, subjects):
            return False
        if self._skipped < self.match.skip:
            self._skipped += 1
            return False
        if self.match.probability < 1 and self._random.random() >= self.match.probability:
            return False
        self.fired += 1
        return True


class Faults:
    """All faults in force; the first that takes a request has it. Used on the loop."""

    def __init__(self) -> None:
        self.by_number: dict[int, Fault] = {}
        self._last = 0

    def add(self, kind: Kind, match: Match, **details: Any) -> Fault:
        """Put a fault in force. Errors: ValueError for an API that there is not."""
        if match.api is not None:
            api_key(match.api)
        self._last += 1
        made = Fault(self._last, kind, match, **details)
        self.by_number[made.number] = made
        return made

    def remove(self, number: int) -> None:
        """End a fault; one that there is not is fine."""
        self.by_number.pop(number, None)

    def clear(self) -> None:
        """End all faults."""
        self.by_number.clear()

    def take(self, call: Call, subjects: Subjects) -> Fault | None:
        """Return the fault that has this request, if any."""
        if call.client_id == OWN_CLIENT_ID:
            return None
        for fault in self.by_number.values():
            if fault.takes(call, subjects):
                return fault
        return None


def api_key(api: str | int) -> int:
    """Return an API's number. Errors: ValueError."""
    if isinstance(api, int):
        return api
    wanted = api.removesuffix("Request").replace("_", "").lower()
    for key, name in MODULES.items():
        if name.replace("_", "") == wanted:
            return key
    raise ValueError(f"no API is called {api!r}")


def error_code(code: ErrorCode | str | int) -> ErrorCode:
    """Return an error code by its name or number. Errors: ValueError."""
    if isinstance(code, str):
        try:
            return ErrorCode[code.upper()]
        except KeyError:
            raise ValueError(f"no error is called {code!r}") from None
    return ErrorCode(code)

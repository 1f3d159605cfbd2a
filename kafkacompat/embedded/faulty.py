"""Faults and the log of requests, as tests ask for them."""

from collections.abc import Callable
from typing import Any

from kafkacompat.embedded.faults import Fault, Kind, Match, error_code
from kafkacompat.embedded.host import Host
from kafkacompat.embedded.request_log import LoggedRequest
from kafkacompat.embedded.tap import Tap
from kafkacompat.embedded.waiting import PATIENCE_S, wait_until
from kafkacompat_protocol.errors import ErrorCode

Intercept = Callable[[str, int, Any], ErrorCode | int | None]


class FaultPowers:
    """What goes wrong, for whom and how often; what was asked.

    Which requests are meant is said with the fields of `Match`: api, min_version, max_version,
    topic, partition, group, client_id, connection, broker, skip, probability, seed.
    """

    _host: Host
    _tap: Tap

    def error(
        self,
        api: str | int | None,
        code: ErrorCode | str | int,
        *,
        times: int | None = 1,
        after: bool = False,
        message: str | None = None,
        **match: Any,
    ) -> Fault:
        """Answer with an error; `after` does the work nevertheless, as if the answer were lost.

        Errors: ValueError for an API or error that there is not.
        """
        kind = Kind.ERROR_AFTER if after else Kind.ERROR
        return self.fault(
            kind, api=api, code=error_code(code), message=message, times=times, **match
        )

    def delay(self, api: str | int | None, delay_ms: int, **details: Any) -> Fault:
        """Serve requests so much later, by the broker's clock."""
        return self.fault(Kind.DELAY, api=api, delay_ms=delay_ms, **details)

    def throttle(self, api: str | int | None, delay_ms: int, **details: Any) -> Fault:
        """Tell clients that they are to pause for so long."""
        return self.fault(Kind.THROTTLE, api=api, delay_ms=delay_ms, **details)

    def disconnect(
        self, api: str | int | None, *, times: int | None = 1, after: bool = False, **match: Any
    ) -> Fault:
        """Close the connection instead of answering; `after` does the work nevertheless."""
        kind = Kind.DISCONNECT_AFTER if after else Kind.DISCONNECT
        return self.fault(kind, api=api, times=times, **match)

    def black_hole(self, api: str | int | None, *, times: int | None = 1, **match: Any) -> Fault:
        """Never answer, nor do anything."""
        return self.fault(Kind.BLACK_HOLE, api=api, times=times, **match)

    def intercept(self, api: str | int | None, function: Intercept, **match: Any) -> Fault:
        """Have a function decide: it gets (api, version, request) and may return an error code.

        It is called in the broker's thread and must not block.
        """
        return self.fault(Kind.INTERCEPT, api=api, intercept=function, **match)

    def fault(
        self,
        kind: Kind | str,
        *,
        code: ErrorCode = ErrorCode.UNKNOWN_SERVER_ERROR,
        message: str | None = None,
        delay_ms: int = 0,
        times: int | None = None,
        intercept: Intercept | None = None,
        **match: Any,
    ) -> Fault:
        """Put a fault in force. Errors: ValueError, TypeError for a field that `Match` has not."""
        details = {
            "code": code,
            "message": message,
            "delay_ms": delay_ms,
            "times": times,
            "intercept": intercept,
        }
        return self._host.call(lambda: self._tap.faults.add(Kind(kind), Match(**match), **details))

    def faults(self) -> list[Fault]:
        """Return the faults in force; each counts in `fired` what it did."""
        return self._host.call(lambda: list(self._tap.faults.by_number.values()))

    def remove_fault(self, fault: Fault | int) -> None:
        """End a fault."""
        number = fault if isinstance(fault, int) else fault.number
        self._host.call(lambda: self._tap.faults.remove(number))

    def clear_faults(self) -> None:
        """End all faults."""
        if self._tap.faults.by_number:
            self._host.call(self._tap.faults.clear)

    def requests(self, api: str | int | None = None, **filters: Any) -> list[LoggedRequest]:
        """Return the requests of clients, oldest first: by api, topic, group, client_id, after.

        `after` is the number of a request; the last 10,000 are remembered.
        """
        after = filters.pop("after", 0)
        return self._host.call(lambda: self._tap.log.find(after, api=api, **filters))

    def last_request(self) -> int:
        """Return the number of the last request, to ask for those after it."""
        return self._tap.log.last_number

    def wait_for_request(
        self,
        api: str | int | None = None,
        *,
        count: int = 1,
        timeout_s: float = PATIENCE_S,
        **filters: Any,
    ) -> list[LoggedRequest]:
        """Return the requests that fit, once there are so many. Errors: TimeoutError."""
        found: list[LoggedRequest] = []

        def enough() -> bool:
            nonlocal found
            found = self.requests(api, **filters)
            return len(found) >= count

        wait_until(enough, lambda: f"{len(found)} of {count} requests {api or ''}", timeout_s)
        return found

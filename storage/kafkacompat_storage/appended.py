"""What an append answers."""

from kafkacompat_protocol.errors import KafkaError


class Appended:
    """What an append was given.

    `ticket` is its place among the journal's; it is settled when the journal has come so far, and
    lost if there is an `error` then.
    """

    __slots__ = (
        "base_offset",
        "error",
        "is_duplicate",
        "last_offset",
        "log_append_time_ms",
        "log_start_offset",
        "ticket",
    )

    def __init__(
        self,
        base_offset: int,
        last_offset: int,
        log_append_time_ms: int,
        log_start_offset: int,
        is_duplicate: bool = False,
    ) -> None:
        self.base_offset = base_offset
        self.last_offset = last_offset
        self.log_append_time_ms = log_append_time_ms
        self.log_start_offset = log_start_offset
        self.is_duplicate = is_duplicate
        self.ticket = 0
        self.error: KafkaError | None = None

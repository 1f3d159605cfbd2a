"""What a coordinator's state machine hands to its shell: records to append, answers to give."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

Ticket = object
"""What an answer is for; the shell hands it in with the request and gets it back."""


class Write(NamedTuple):
    """A record to append to the coordinator's topic; no value is a tombstone."""

    key: Any
    value: Any


class ProducerOf(NamedTuple):
    """In whose transaction records are written."""

    producer_id: int
    epoch: int


@dataclass(slots=True)
class Outcome:
    """Append `records`; once they are durable perform the effects and give the answers."""

    records: list[Write] = field(default_factory=list)
    replies: list[tuple[Ticket, Any]] = field(default_factory=list)
    effects: list[Any] = field(default_factory=list)
    """What the coordinator is to do after that: data, which its `perform` understands."""
    producer: ProducerOf | None = None
    """The records count only when this producer's transaction is committed."""

    def reply(self, ticket: Ticket | None, response: Any) -> None:
        """Add an answer; nobody waits for one without a ticket."""
        if ticket is not None:
            self.replies.append((ticket, response))


def answer(ticket: Ticket, response: Any) -> Outcome:
    """Return an outcome that is one answer."""
    return Outcome(replies=[(ticket, response)])

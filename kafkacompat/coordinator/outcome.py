"""What a coordinator's state machine hands to its shell: records to append, answers to give."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

Ticket = object
"""What an answer is for; the shell hands it in with the request and gets it back."""


class Write(NamedTuple):
    """A record to append to the coordinator's topic; no value is a tombstone."""

    key: Any
    value: Any


@dataclass(slots=True)
class Outcome:
    """Append `records`, as one batch, and once they are durable give the answers."""

    records: list[Write] = field(default_factory=list)
    replies: list[tuple[Ticket, Any]] = field(default_factory=list)

    def reply(self, ticket: Ticket | None, response: Any) -> None:
        """Add an answer; nobody waits for one without a ticket."""
        if ticket is not None:
            self.replies.append((ticket, response))


def answer(ticket: Ticket, response: Any) -> Outcome:
    """Return an outcome that is one answer."""
    return Outcome(replies=[(ticket, response)])

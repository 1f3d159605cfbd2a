"""Answers that cannot leave yet: what a handler returns when it has to wait."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from kafkacompat_storage.journal import LocalJournal

if TYPE_CHECKING:
    from kafkacompat.broker import Node


class Reply:
    """Resolved once with a response, None (no answer is sent) or an exception.

    Cheaper than a future: its one callback runs at once, in the resolver's turn.
    """

    __slots__ = ("_callback", "_result", "cancel", "is_done")

    def __init__(self) -> None:
        self.is_done = False
        self.cancel: Callable[[], None] | None = None
        """What to call when the connection is gone and nobody waits any more."""
        self._result: Any = None
        self._callback: Callable[[Any], None] | None = None

    def resolve(self, result: Any) -> None:
        """Give the answer. A second answer is ignored."""
        if self.is_done:
            return
        self.is_done = True
        # Nothing is kept that whoever resolves may belong to: such circles hold megabytes of
        # records until a collection finds them.
        self.cancel = None
        callback, self._callback = self._callback, None
        if callback is not None:
            callback(result)
        else:
            self._result = result

    def when_done(self, callback: Callable[[Any], None]) -> None:
        """Call back with the answer, at once if it is there."""
        if self.is_done:
            result, self._result = self._result, None
            callback(result)
        else:
            self._callback = callback


async def wait_for(reply: Reply) -> Any:
    """Return a reply's answer when it is there. Errors: the exception it is resolved with."""
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def finished(result: Any) -> None:
        if done.done():
            return
        if isinstance(result, BaseException):
            done.set_exception(result)
        else:
            done.set_result(result)

    reply.when_done(finished)
    return await done


def run(node: "Node", coroutine: Any) -> Reply:
    """Run a coroutine as a task that the node knows of; its result is the answer."""
    reply = Reply()
    task = node.spawn(coroutine)

    def finished(done: "asyncio.Task[Any]") -> None:
        if done.cancelled():
            reply.resolve(None)
        else:
            reply.resolve(done.exception() or done.result())

    task.add_done_callback(finished)
    return reply


class Held:
    """A response that is there, but may not leave before the journal has come to a ticket.

    `finish` is called then, and returns what to send (None: nothing).
    """

    __slots__ = ("finish", "needs_sync", "ticket")

    def __init__(self, ticket: int, finish: Callable[[], Any], *, needs_sync: bool) -> None:
        self.ticket = ticket
        self.finish = finish
        self.needs_sync = needs_sync
        """Whether written is not enough."""

    def is_ready(self, journal: LocalJournal) -> bool:
        """Whether the response may leave."""
        settled = journal.durable_ticket if self.needs_sync else journal.written_ticket
        return self.ticket <= settled

    def deliver(self, journal: LocalJournal, reply: Reply) -> None:
        """Give the response to who waits for a reply, as soon as it may leave."""
        if self.is_ready(journal):
            reply.resolve(self.finish())
        else:
            journal.when_progress(partial(self.deliver, journal, reply))


def pass_on(node: "Node", result: Any, reply: Reply) -> None:
    """Give what a handler returned to who waits for a reply, when it may leave."""
    if isinstance(result, Held):
        node.journal.write_own()
        result.deliver(node.journal, reply)
    elif isinstance(result, Reply):
        result.when_done(reply.resolve)
    else:
        reply.resolve(result)

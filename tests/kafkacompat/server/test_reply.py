"""An answer that comes later."""

import asyncio
import gc
import weakref
from typing import Any

import pytest

from kafkacompat.server.reply import Held, Reply, pass_on, wait_for


def test_the_answer_is_given_to_who_came_before_it() -> None:
    reply, told = Reply(), []
    reply.when_done(told.append)
    assert told == []
    reply.resolve("first")
    reply.resolve("second")
    assert told == ["first"]


def test_the_answer_is_given_to_who_comes_after_it() -> None:
    reply, told = Reply(), []
    reply.resolve(None)
    reply.when_done(told.append)
    assert (told, reply.is_done) == ([None], True)


def test_an_answer_that_was_given_goes_without_a_collection() -> None:
    class Waiter:
        """As a fetch: it owns its reply, whose cancel is its own."""

        def __init__(self) -> None:
            self.reply = Reply()
            self.reply.cancel = self.stop
            self.reply.when_done(self.take)

        def stop(self) -> None: ...
        def take(self, result: object) -> None: ...

    class Records: ...

    gc.disable()
    try:
        waiter, records = Waiter(), Records()
        gone = weakref.ref(waiter), weakref.ref(records)
        waiter.reply.resolve(records)
        del waiter, records
        assert [ref() for ref in gone] == [None, None]
    finally:
        gc.enable()


def test_a_coroutine_waits_for_a_reply_or_its_error() -> None:
    async def work() -> list[object]:
        reply, failed = Reply(), Reply()
        loop = asyncio.get_running_loop()
        loop.call_soon(reply.resolve, "done")
        failed.resolve(ValueError("no"))
        with pytest.raises(ValueError, match="no"):
            await wait_for(failed)
        return [await wait_for(reply)]

    assert asyncio.run(work()) == ["done"]


@pytest.mark.parametrize("needs_sync", [True, False])
def test_a_held_response_is_delivered_when_it_may_leave(needs_sync: bool) -> None:
    class Journal:
        written_ticket = durable_ticket = 0
        watching: list[object] = []

        def when_progress(self, callback: object) -> None:
            self.watching.append(callback)

    journal: Any = Journal()
    reply = Reply()
    Held(5, lambda: "sent", needs_sync=needs_sync).deliver(journal, reply)
    assert not reply.is_done
    journal.written_ticket = 5
    journal.watching.pop()()
    assert reply.is_done is not needs_sync
    journal.durable_ticket = 5
    if needs_sync:
        journal.watching.pop()()
    assert reply.is_done


@pytest.mark.parametrize("kind", ["there already", "in a reply", "held"])
def test_whatever_a_handler_returns_is_passed_on(kind: str) -> None:
    class Journal:
        written_ticket = 0

        def write_own(self) -> None:
            self.written_ticket = 1

    node: Any = type("Node", (), {"journal": Journal()})
    result: Any = "answer"
    if kind == "in a reply":
        result = Reply()
        result.resolve("answer")
    elif kind == "held":
        result = Held(1, lambda: "answer", needs_sync=False)
    reply, told = Reply(), []
    pass_on(node, result, reply)
    reply.when_done(told.append)
    assert told == ["answer"]

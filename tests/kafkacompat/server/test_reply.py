"""An answer that comes later."""

import gc
import weakref

from kafkacompat.server.reply import Reply


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

"""An answer that comes later."""

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

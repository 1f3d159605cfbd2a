"""What a machine hands to its shell."""

from kafkacompat.coordinator.outcome import Outcome, answer


def test_nobody_is_answered_without_a_ticket() -> None:
    out = Outcome()
    out.reply(None, "lost")
    out.reply("t", "kept")
    assert out.replies == [("t", "kept")]


def test_an_answer_alone_writes_nothing() -> None:
    assert answer("t", 1) == Outcome(records=[], replies=[("t", 1)])

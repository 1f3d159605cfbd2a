"""Patterns of clients: RE2's, within bounds."""

import pytest

from kafkacompat.coordinator.patterns import MAX_PATTERN_CHARS, compile_pattern
from kafkacompat_protocol.errors import ErrorCode, KafkaError


def test_a_pattern_matches_the_whole_of_a_text() -> None:
    pattern = compile_pattern("orders-[0-9]+")

    assert pattern.fullmatch("orders-17")
    assert not pattern.fullmatch("my-orders-17")


def test_a_pattern_that_backtracking_would_never_finish_ends_at_once() -> None:
    assert not compile_pattern("(a*)*b").fullmatch("a" * 100_000)


@pytest.mark.parametrize(
    "text",
    ["(", "a**", "(?=a)", r"(a)\1", "(((a{999}){999}){999})", "a" * (MAX_PATTERN_CHARS + 1)],
    ids=["open", "repeat", "lookahead", "backreference", "huge", "long"],
)
def test_what_is_no_pattern_of_re2_is_refused(text: str) -> None:
    with pytest.raises(KafkaError) as raised:
        compile_pattern(text)
    assert raised.value.code == ErrorCode.INVALID_REGULAR_EXPRESSION

"""Patterns that clients send: RE2's, which match in time linear in the text, whatever they say.

Spec: KIP-848 (subscriptions by pattern), KIP-1152 (transactional ids). Kafka uses re2j.
"""

from typing import Any, Protocol

from kafkacompat_protocol.errors import ErrorCode, KafkaError

MAX_PATTERN_CHARS = 4096
MAX_PROGRAM_BYTES = 1 << 20
"""What a compiled pattern may take: some are short and huge, as (((a{99}){99}){99})."""


class Pattern(Protocol):
    """A compiled pattern."""

    def fullmatch(self, text: str) -> Any | None:
        """Return a match if the whole of `text` matches, else None."""


def compile_pattern(text: str) -> Pattern:
    """Compile a pattern. Errors: INVALID_REGULAR_EXPRESSION."""
    import re2

    if len(text) > MAX_PATTERN_CHARS:
        raise KafkaError(ErrorCode.INVALID_REGULAR_EXPRESSION, "The pattern is too long.")
    options = re2.Options()
    options.max_mem = MAX_PROGRAM_BYTES
    options.log_errors = False
    try:
        compiled: Pattern = re2.compile(text, options)
    except re2.error as error:
        raise KafkaError(
            ErrorCode.INVALID_REGULAR_EXPRESSION, f"{text!r} is no pattern: {error}"
        ) from None
    return compiled

"""What a topic may be called: the errors are Apache Kafka's, codes and words. Pure."""

import re
from collections.abc import Iterable

from kafkacompat_protocol.errors import ErrorCode, KafkaError

MAX_TOPIC_NAME = 249
LEGAL_TOPIC_NAME = re.compile(r"[a-zA-Z0-9._-]+")


def check_topic_name(name: str) -> None:
    """Errors: INVALID_TOPIC_EXCEPTION."""
    reason = None
    if not name:
        reason = "the empty string is not allowed"
    elif name in (".", ".."):
        reason = f"'{name}' is not allowed"
    elif len(name) > MAX_TOPIC_NAME:
        reason = f"the length of '{name}' is longer than the max allowed length {MAX_TOPIC_NAME}"
    elif not LEGAL_TOPIC_NAME.fullmatch(name):
        reason = (
            f"'{name}' contains one or more characters other than ASCII alphanumerics,"
            " '.', '_' and '-'"
        )
    if reason is not None:
        raise KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION, f"Topic name is invalid: {reason}")


def check_collision(others: Iterable[str], name: str) -> None:
    """Names that differ in '.' and '_' only would share their metrics' names.

    Errors: INVALID_TOPIC_EXCEPTION.
    """
    if "." not in name and "_" not in name:
        return
    flat = name.replace(".", "_")
    for other in others:
        if other != name and other.replace(".", "_") == flat:
            raise KafkaError(
                ErrorCode.INVALID_TOPIC_EXCEPTION,
                f"Topic '{name}' collides with existing topic: {other}",
            )

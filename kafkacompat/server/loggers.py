"""The loggers of this process as resources of type BROKER_LOGGER: shown, and made to say more.

As in Apache Kafka a level is changed until the process ends, and only what has logged is there.
"""

import logging
from collections.abc import Sequence

from kafkacompat.metadata.config_commands import Alteration, Change
from kafkacompat_protocol.errors import ErrorCode, KafkaError

ROOT = "root"
TRACE = 5
LEVELS = {
    "DEBUG": logging.DEBUG,
    "ERROR": logging.ERROR,
    "FATAL": logging.CRITICAL,
    "INFO": logging.INFO,
    "TRACE": TRACE,
    "WARN": logging.WARNING,
}


def logger_levels() -> dict[str, str]:
    """Return the level in effect of each logger, by name."""
    known = logging.root.manager.loggerDict
    found = {name: each for name, each in known.items() if isinstance(each, logging.Logger)}
    return {ROOT: _name(logging.root)} | {name: _name(each) for name, each in found.items()}


def _name(logger: logging.Logger) -> str:
    """Return the name of the level in effect, or of the next that says more."""
    level = logger.getEffectiveLevel()
    louder = [name for name, number in LEVELS.items() if number <= level]
    return max(louder, key=LEVELS.__getitem__, default="TRACE")


def alter_loggers(changes: Sequence[Change], *, validate_only: bool) -> None:
    """Set levels, or take them back, all of them or none.

    Errors: INVALID_CONFIG, INVALID_REQUEST.
    """
    known = logger_levels()
    for change in changes:
        _check(change, known)
    for change in changes if not validate_only else ():
        logger = logging.root if change.name == ROOT else logging.getLogger(change.name)
        if change.operation == Alteration.DELETE:
            logger.setLevel(logging.NOTSET)
        else:
            logger.setLevel(LEVELS[change.value or ""])


def _check(change: Change, known: dict[str, str]) -> None:
    if change.operation in (Alteration.APPEND, Alteration.SUBTRACT):
        raise KafkaError(
            ErrorCode.INVALID_REQUEST,
            f"{Alteration(change.operation).name} operation is not allowed for the BROKER_LOGGER"
            " resource",
        )
    if change.operation not in (Alteration.SET, Alteration.DELETE):
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Unknown operation {change.operation}")
    if change.name not in known:
        raise KafkaError(ErrorCode.INVALID_CONFIG, f"Logger {change.name} does not exist!")
    if change.operation == Alteration.DELETE and change.name == ROOT:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST, "Removing the log level of the root logger is not allowed"
        )
    if change.operation == Alteration.SET and change.value not in LEVELS:
        raise KafkaError(
            ErrorCode.INVALID_CONFIG,
            f"Cannot set the log level of {change.name} to {change.value} as it is not a supported"
            f" log level. Valid log levels are {', '.join(LEVELS)}",
        )

"""Levels of loggers, by Apache Kafka's names and messages."""

import logging
from collections.abc import Iterator

import pytest

from kafkacompat.metadata.config_commands import Alteration, Change
from kafkacompat.server.loggers import LEVELS, alter_loggers, logger_levels
from kafkacompat_protocol.errors import ErrorCode, KafkaError

SET, DELETE, APPEND, _ = Alteration
NAME = "kafkacompat.tests.loggers"


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    found = logging.getLogger(NAME)
    yield found
    found.setLevel(logging.NOTSET)


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_is_shown_as_it_was_set(logger: logging.Logger, level: str) -> None:
    alter_loggers([Change(NAME, SET, level)], validate_only=False)
    assert logger_levels()[NAME] == level


def test_a_level_in_between_is_shown_as_the_next_that_says_more(logger: logging.Logger) -> None:
    logger.setLevel(logging.WARNING + 1)
    assert logger_levels()[NAME] == "WARN"
    logger.setLevel(1)
    assert logger_levels()[NAME] == "TRACE"


def test_a_level_that_is_taken_back_is_that_of_the_parent(logger: logging.Logger) -> None:
    before = logger_levels()[NAME]
    alter_loggers([Change(NAME, SET, "FATAL")], validate_only=False)
    alter_loggers([Change(NAME, DELETE, None)], validate_only=False)
    assert logger_levels()[NAME] == before


def test_what_is_only_checked_changes_nothing(logger: logging.Logger) -> None:
    alter_loggers([Change(NAME, SET, "FATAL")], validate_only=True)
    assert logger.level == logging.NOTSET


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (
            Change("no.such", SET, "INFO"),
            ErrorCode.INVALID_CONFIG,
            "Logger no.such does not exist!",
        ),
        (
            Change(NAME, SET, "LOUD"),
            ErrorCode.INVALID_CONFIG,
            f"Cannot set the log level of {NAME} to LOUD as it is not a supported log level. Valid"
            " log levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN",
        ),
        (
            Change("root", DELETE, None),
            ErrorCode.INVALID_REQUEST,
            "Removing the log level of the root logger is not allowed",
        ),
        (
            Change(NAME, APPEND, "INFO"),
            ErrorCode.INVALID_REQUEST,
            "APPEND operation is not allowed for the BROKER_LOGGER resource",
        ),
        (Change(NAME, 9, "INFO"), ErrorCode.INVALID_REQUEST, "Unknown operation 9"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    logger: logging.Logger, change: Change, code: ErrorCode, message: str
) -> None:
    with pytest.raises(KafkaError) as caught:
        alter_loggers([Change(NAME, SET, "FATAL"), change], validate_only=False)
    assert (caught.value.code, caught.value.message) == (code, message)
    assert logger.level == logging.NOTSET

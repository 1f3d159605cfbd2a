import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafkacompat.cli import log_output
from kafkacompat.cli.log_output import (
    FORMATTERS,
    MAX_BUFFERED,
    HeldBack,
    log_to,
    neutralise,
    standard_stream,
    stream_handler,
)

HOSTILE = "a\nb\x1b[2Jc\x07\r\u202egnp\x9b\u2028"


@pytest.fixture(autouse=True)
def root_logger(monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    """Give the root logger back as it was."""
    monkeypatch.setattr(logging, "raiseExceptions", logging.raiseExceptions)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        if handler not in handlers:
            handler.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)


def record(text: str, level: int = logging.INFO, error: bool = False) -> logging.LogRecord:
    exc_info = sys.exc_info() if error else None
    return logging.LogRecord("kafkacompat.x", level, "f", 1, "%s", (text,), exc_info)


def test_control_characters_are_written_as_escapes() -> None:
    assert neutralise(HOSTILE) == r"a\x0ab\x1b[2Jc\x07\x0d\u202egnp\x9b\u2028"
    assert neutralise("Grüße, 世界") == "Grüße, 世界"


def test_kafkas_format_is_time_level_text_logger() -> None:
    shown = FORMATTERS["kafka"]().format(record("hello", logging.WARNING))
    assert re.fullmatch(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] WARN hello \(.*\.x\)", shown)


def test_short_text_has_no_date_and_no_logger() -> None:
    assert re.fullmatch(r"\d\d:\d\d:\d\d INFO  hello", FORMATTERS["text"]().format(record("hello")))


def test_json_is_one_object_per_line() -> None:
    shown = FORMATTERS["json"]().format(record(HOSTILE))
    assert "\n" not in shown
    found = json.loads(shown)
    assert (found["level"], found["message"]) == ("INFO", neutralise(HOSTILE))


@pytest.mark.parametrize("name", FORMATTERS)
def test_no_format_lets_a_client_write_lines_of_its_own(name: str) -> None:
    shown = FORMATTERS[name]().format(record(HOSTILE))
    assert not re.search("[\x00-\x1f\x7f-\x9f]", shown)


def test_a_traceback_keeps_its_lines_but_not_the_controls_in_them() -> None:
    try:
        raise ValueError("bad\x1b[2J")
    except ValueError:
        shown = FORMATTERS["kafka"]().format(record("failed", error=True))
    assert "\nTraceback (most recent call last):\n" in shown
    assert shown.endswith("ValueError: bad\\x1b[2J")


def test_a_traceback_in_json_is_a_field() -> None:
    try:
        raise ValueError("bad")
    except ValueError:
        shown = FORMATTERS["json"]().format(record("failed", error=True))
    assert json.loads(shown)["traceback"].endswith("ValueError: bad")


def test_records_held_back_reach_the_file_before_later_ones(
    tmp_path: Path, root_logger: logging.Logger
) -> None:
    held_back = HeldBack()
    log_to(held_back, "info", FORMATTERS["text"]())
    logging.getLogger("a").info("first")
    logging.getLogger("a").debug("never")
    assert held_back.formatter is not None
    held_back.write_to(tmp_path / "log", held_back.formatter)
    logging.getLogger("a").info("second")
    lines = (tmp_path / "log").read_text().splitlines()
    assert [line.split()[-1] for line in lines] == ["first", "second"]


def test_what_is_held_back_is_bounded() -> None:
    held_back = HeldBack()
    for _ in range(MAX_BUFFERED + 1):
        held_back.emit(record("x"))
    assert len(held_back.records) == MAX_BUFFERED


def test_the_root_logger_gets_one_handler(root_logger: logging.Logger) -> None:
    stream = io.StringIO()
    handler = stream_handler(stream)
    log_to(handler, "warning", FORMATTERS["text"]())
    logging.getLogger("a").info("not shown")
    logging.getLogger("a").warning("shown")
    assert root_logger.handlers == [handler]
    assert stream.getvalue().endswith("WARN  shown\n")


def test_a_stream_that_cannot_say_everything_says_it_in_escapes() -> None:
    raw = io.BytesIO()
    handler = stream_handler(io.TextIOWrapper(raw, encoding="ascii"))
    handler.setFormatter(FORMATTERS["text"]())
    handler.handle(record("世"))
    assert raw.getvalue().endswith(b"\\u4e16\n")


def test_log_lines_leave_stdout_to_whoever_parses_it() -> None:
    assert standard_stream(is_stdout_taken=True) is sys.stderr
    assert standard_stream(is_stdout_taken=False) is sys.stdout


def test_importing_the_broker_configures_no_logging() -> None:
    assert log_output.__name__ in sys.modules
    assert not logging.getLogger("kafkacompat").handlers

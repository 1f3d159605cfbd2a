"""How log lines look: as Apache Kafka's, as short text, or as JSON.

Whatever clients put into names and ids, a record stays one line and cannot steer a terminal.
"""

import json
import logging
import re
import sys
from pathlib import Path
from typing import TextIO

LEVELS = {"WARNING": "WARN", "CRITICAL": "FATAL"}
MAX_BUFFERED = 10_000

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_UNSAFE_IN_TRACEBACK = re.compile(_UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def neutralise(text: str) -> str:
    """Write control characters, and those that change direction, as escapes."""
    return _UNSAFE.sub(_escaped, text)


class KafkaFormatter(logging.Formatter):
    """[2026-01-31 12:00:00,123] INFO text (logger)"""

    line = "[{time}] {level} {message} ({logger})"

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line, followed by the traceback if there is one."""
        parts = {
            "time": self.formatTime(record),
            "level": LEVELS.get(record.levelname, record.levelname),
            "message": neutralise(record.getMessage()),
            "logger": record.name,
        }
        return self.render(parts, self._traceback(record))

    def render(self, parts: dict[str, str], traceback: str) -> str:
        """Return the line, made of its parts."""
        return self.line.format_map(parts) + traceback

    def _traceback(self, record: logging.LogRecord) -> str:
        if not record.exc_info:
            return ""
        text = self.formatException(record.exc_info)
        return "\n" + _UNSAFE_IN_TRACEBACK.sub(_escaped, text)


class TextFormatter(KafkaFormatter):
    """12:00:00 INFO  text"""

    default_time_format = "%H:%M:%S"
    default_msec_format = ""
    line = "{time} {level:<5} {message}"


class JsonFormatter(KafkaFormatter):
    """One JSON object per line."""

    def render(self, parts: dict[str, str], traceback: str) -> str:
        """Return the object as text."""
        shown = parts | ({"traceback": traceback.strip()} if traceback else {})
        return json.dumps(shown)


FORMATTERS = {"kafka": KafkaFormatter, "text": TextFormatter, "json": JsonFormatter}


class HeldBack(logging.Handler):
    """Keeps the first records until it is known where they go."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record, unless there are too many."""
        if len(self.records) < MAX_BUFFERED:
            self.records.append(record)

    def write_to(self, file: Path, formatter: logging.Formatter) -> None:
        """Write what was kept to a file, and all that comes from now on."""
        root = logging.getLogger()
        target = logging.FileHandler(file, encoding="utf-8", errors="backslashreplace")
        target.setFormatter(formatter)
        root.removeHandler(self)
        root.addHandler(target)
        for record in self.records:
            target.handle(record)
        self.records.clear()


def log_to(handler: logging.Handler, level: str, formatter: logging.Formatter) -> None:
    """Make a handler the only one."""
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())


def stream_handler(stream: TextIO) -> logging.Handler:
    """Return a handler that writes to a stream, also what the stream's encoding does not have."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    logging.raiseExceptions = False  # a closed pipe is no reason for tracebacks on stderr
    return logging.StreamHandler(stream)


def standard_stream(*, is_stdout_taken: bool) -> TextIO:
    """Return where log lines go: stdout, as Kafka's do, unless that says something else."""
    return sys.stderr if is_stdout_taken else sys.stdout

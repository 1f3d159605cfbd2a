"""Files in the syntax of Java's properties, such as server.properties.

A line is a name, a separator (`=`, `:` or blanks) and a value. `#` and `!` begin comments, a
backslash at a line's end continues it, and backslashes escape: \\t, \\n, \\r, \\f, \\uXXXX, any
other character for itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_FILE_BYTES = 1 << 20

_ESCAPED = re.compile(r"\\(u.{0,4}|.)", re.DOTALL)
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_BLANKS = " \t\f"


class MalformedProperties(ValueError):
    """A file that is not in the syntax of properties; the text says where."""


@dataclass(frozen=True, slots=True)
class Property:
    """One entry of a file, and the line it begins on, counted from 1."""

    name: str
    value: str
    line: int


def decode(content: bytes) -> str:
    """Return a file's text: UTF-8, or ISO-8859-1 as Java has it where it is not."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def parse_properties(text: str) -> list[Property]:
    """Return the entries of a file in order, also those that a later one replaces.

    Errors: MalformedProperties.
    """
    found = []
    for number, line in _logical_lines(text):
        name, value = _split(line)
        try:
            found.append(Property(_unescape(name), _unescape(value), number))
        except ValueError:
            raise MalformedProperties(f"line {number}: malformed \\uXXXX escape") from None
    return found


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines without comments, blank ones and continuations."""
    began, pending = 0, ""
    for number, natural in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        line = natural.lstrip(_BLANKS)
        if not pending:
            if not line or line[0] in "#!":
                continue
            began = number
        backslashes = len(line) - len(line.rstrip("\\"))
        if backslashes % 2:
            pending += line[:-1]
            if pending:
                continue
        yield began, pending + line if backslashes % 2 == 0 else pending
        pending = ""
    if pending:
        yield began, pending


def _split(line: str) -> tuple[str, str]:
    """Cut a line at its first separator that is not escaped."""
    position = 0
    while position < len(line) and line[position] not in "=:" + _BLANKS:
        position += 2 if line[position] == "\\" else 1
    rest = line[position:].lstrip(_BLANKS)
    if rest[:1] in ("=", ":"):
        rest = rest[1:].lstrip(_BLANKS)
    return line[:position], rest


def _unescape(text: str) -> str:
    """Resolve escapes. Errors: ValueError."""
    if "\\" not in text:
        return text
    plain = _ESCAPED.sub(_character, text)
    # \uD83D\uDE00 is one character, written as Java has it: two surrogates.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(found: re.Match[str]) -> str:
    escape = found[1]
    if escape[0] != "u":
        return _CONTROLS.get(escape, escape)
    if not re.fullmatch("u[0-9a-fA-F]{4}", escape):
        raise ValueError(escape)
    return chr(int(escape[1:], 16))

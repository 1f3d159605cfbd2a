"""Small files that are replaced as a whole, and the formats of those that hold text.

A checkpoint is `version` (0), the number of lines, then the lines; the offset checkpoints have one
line `topic partition offset` per partition. Ours end each line in a checksum of blanks. What cannot
be read is as good as not there: what it says can be derived, or is only a hint.
"""

from binascii import crc_hqx
from typing import Final

from .files import Files
from .names import TEMPORARY, TopicPartition

_VERSION: Final = "0"
_FEW: Final = 3
_BLANKS: Final = str.maketrans("01", " \t")


def replace_file(files: Files, path: str, content: bytes) -> None:
    """Replace a file so that a crash at any moment leaves the old content or the new.

    Returns when the new content is durable. May block.
    """
    files.write_file(path + TEMPORARY, content, sync=True)
    files.rename(path + TEMPORARY, path)
    files.sync_directory(path.rpartition("/")[0])


def replace_files(files: Files, contents: list[tuple[str, bytes]], *, sync: bool = True) -> None:
    """Replace many files of one file system, each as `replace_file` does. May block.

    Without `sync` the end of a process leaves them whole, but not the end of the machine.
    """
    if not sync:
        for path, content in contents:
            files.write_file(path + TEMPORARY, content, sync=False)
            files.rename(path + TEMPORARY, path)
        return
    if len(contents) <= _FEW:
        for path, content in contents:
            replace_file(files, path, content)
        return
    for path, content in contents:
        files.write_file(path + TEMPORARY, content, sync=False)
    if not files.sync_filesystem(contents[0][0].rpartition("/")[0]):
        for path, _ in contents:
            files.open(path + TEMPORARY).sync()
    for path, _ in contents:
        files.rename(path + TEMPORARY, path)
    if not files.sync_filesystem(contents[0][0].rpartition("/")[0]):
        for folder in {path.rpartition("/")[0] for path, _ in contents}:
            files.sync_directory(folder)


def encode_lines(lines: list[str]) -> bytes:
    return "\n".join([_VERSION, str(len(lines)), *map(_signed, lines), ""]).encode()


def _signed(line: str) -> str:
    """Add a line's checksum as blanks and tabs, which Kafka does not see: it splits at them."""
    bits = f"{crc_hqx(line.encode(), 0):016b}"
    return line + bits.translate(_BLANKS)


def _unsigned(line: str) -> str | None:
    """Return a line without its checksum, None if that is wrong. Kafka's lines have none."""
    text = line.rstrip(" \t")
    if (line not in (text, _signed(text))) or "\t" in text or "  " in text:
        return None
    return text


def decode_lines(content: bytes | None) -> list[str] | None:
    """Return the lines; None if there is no such file, or if anything in it is wrong."""
    lines = (content or b"").decode(errors="replace").split("\n")
    if len(lines) < 2 or lines[0] != _VERSION or lines.pop() or lines[1] != str(len(lines) - 2):
        return None
    found = [text for line in lines[2:] if (text := _unsigned(line)) is not None]
    return found if len(found) == len(lines) - 2 else None


def _readable_lines(content: bytes | None) -> list[str]:
    """Return the lines that are as they were written, whatever else is wrong."""
    lines = (content or b"").decode(errors="replace").split("\n")
    if lines[0].strip() != _VERSION:
        return []
    return [text for line in lines[2:] if (text := _unsigned(line))]


def encode_offsets(offsets: dict[TopicPartition, int]) -> bytes:
    """The content of an offset checkpoint."""
    return encode_lines(
        [f"{topic} {number} {offset}" for (topic, number), offset in offsets.items()]
    )


def decode_offsets(content: bytes | None) -> dict[TopicPartition, int]:
    """Read an offset checkpoint, leaving out lines that cannot be read."""
    offsets: dict[TopicPartition, int] = {}
    for line in _readable_lines(content):
        parts = line.split(" ")
        if len(parts) == 3 and parts[1].isdecimal() and parts[2].isdecimal():
            offsets[TopicPartition(parts[0], int(parts[1]))] = int(parts[2])
    return offsets


def encode_properties(properties: dict[str, str]) -> bytes:
    """The content of a Java properties file; values are plain ASCII."""
    return "".join(f"{key}={value}\n" for key, value in properties.items()).encode()


def decode_properties(content: bytes | None) -> dict[str, str]:
    """Read `key=value` or `key: value` lines; comments and other lines are left out."""
    properties: dict[str, str] = {}
    for line in (content or b"").decode(errors="replace").splitlines():
        text = line.strip()
        if not text or text[0] in "#!":
            continue
        separator = min((at for at in (text.find("="), text.find(":")) if at > 0), default=-1)
        if separator > 0:
            properties[text[:separator].strip()] = text[separator + 1 :].strip()
    return properties

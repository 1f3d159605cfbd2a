"""The newest offset of every key, in memory that is bounded.

A key of 16 bytes or more is known by its BLAKE2 digest of 16 bytes, so that long keys take no more
room; nobody finds two keys of one digest. A shorter key is known by itself.
"""

from hashlib import blake2b
from typing import Final

DIGEST_BYTES: Final = 16
ENTRY_BYTES: Final = 176
"""What one key costs at most: the table when it has just grown, the digest, the offset."""


class OffsetMap:
    """Keys and offsets of the part of a log before `end`; `limit` is how many keys fit."""

    __slots__ = ("end", "limit", "offsets")

    def __init__(self, memory_bytes: int, load_factor: float = 1.0) -> None:
        self.limit = max(1, int(memory_bytes * min(load_factor, 1.0)) // ENTRY_BYTES)
        self.offsets: dict[bytes, int] = {}
        self.end = 0
        """What is known ends before this offset."""

    def room_for(self, count: int) -> bool:
        """Whether so many keys more would fit, even if all of them are new."""
        return len(self.offsets) + count <= self.limit


def known_as(key: bytes) -> bytes:
    """Return what a key is known by."""
    return key if len(key) < DIGEST_BYTES else blake2b(key, digest_size=DIGEST_BYTES).digest()

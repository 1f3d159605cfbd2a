"""The aborted transactions that end in a segment.

One entry is 34 bytes, big-endian: `version int16 (0), producer_id int64, first_offset int64,
last_offset int64, last_stable_offset int64`; `last_offset` is the abort marker's, and
`last_stable_offset` the log's just after the abort. Entries are in the order of their markers.
"""

from struct import Struct
from typing import Final, NamedTuple

from kafkacompat_protocol.records.crc import crc32c

ENTRY: Final = Struct(">hqqqq")
ENTRY_SIZE: Final = 34
assert ENTRY.size == ENTRY_SIZE
_CHECKSUM: Final = Struct(">hI")


class AbortedTransaction(NamedTuple):
    producer_id: int
    first_offset: int
    last_offset: int
    last_stable_offset: int


def encode_txn_index(aborted: list[AbortedTransaction]) -> bytes:
    return b"".join(ENTRY.pack(0, *transaction) for transaction in aborted)


def encode_checksum(content: bytes) -> bytes:
    """The content of the file beside an index: version int16 (0), CRC-32C uint32."""
    return _CHECKSUM.pack(0, crc32c(content))


def is_sound(content: bytes | None, checksum: bytes | None) -> bool:
    """Whether an index is as it was written, as far as can be said: Kafka keeps no checksum."""
    return checksum is None or checksum == encode_checksum(content or b"")


def decode_txn_index(content: bytes, base_offset: int, end_offset: int) -> list[AbortedTransaction]:
    """Read an index file, up to the first entry that does not end in [base_offset, end_offset)."""
    aborted: list[AbortedTransaction] = []
    for at in range(0, len(content) - ENTRY_SIZE + 1, ENTRY_SIZE):
        version, *fields = ENTRY.unpack_from(content, at)
        transaction = AbortedTransaction._make(fields)
        if version != 0 or not base_offset <= transaction.last_offset < end_offset:
            break
        aborted.append(transaction)
    return aborted

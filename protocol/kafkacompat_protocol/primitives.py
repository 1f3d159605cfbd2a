"""Variable-length integers, as Kafka writes them. Every read is bounds-checked.

Unsigned varints carry compact lengths, tags and tag counts (KIP-482); zigzag varints and
varlongs carry lengths and deltas inside records (KIP-98).
"""

from kafkacompat_protocol.errors import WireError

Buffer = bytes | bytearray | memoryview

MAX_VARINT_BYTES = 5
MAX_VARLONG_BYTES = 10


def read_uvarint(buf: Buffer, pos: int) -> tuple[int, int]:
    """Return an unsigned 32-bit varint and the position after it."""
    byte = buf[pos]
    if byte < 0x80:
        return byte, pos + 1
    return continue_uvarint(buf, pos + 1, byte)


def continue_uvarint(buf: Buffer, pos: int, first: int) -> tuple[int, int]:
    """Read the rest of an unsigned varint whose first byte is `first` (top bit set).

    `pos` is the position after that first byte.
    """
    value = first & 0x7F
    shift = 7
    while True:
        byte = buf[pos]
        pos += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
        if shift >= 7 * MAX_VARINT_BYTES:
            raise WireError("varint of more than 5 bytes")
    if value > 0xFFFFFFFF:
        raise WireError("varint of more than 32 bits")
    return value, pos


def encode_uvarint(value: int) -> bytes:
    """Return `value` (0 to 2^32-1) as an unsigned varint."""
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varint(buf: Buffer, pos: int) -> tuple[int, int]:
    """Return a zigzag 32-bit varint and the position after it."""
    byte = buf[pos]
    if byte < 0x80:
        return (byte >> 1) ^ -(byte & 1), pos + 1
    raw, pos = continue_uvarint(buf, pos + 1, byte)
    return (raw >> 1) ^ -(raw & 1), pos


def read_varlong(buf: Buffer, pos: int) -> tuple[int, int]:
    """Return a zigzag 64-bit varint and the position after it."""
    value = shift = 0
    while True:
        byte = buf[pos]
        pos += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
        if shift >= 7 * MAX_VARLONG_BYTES:
            raise WireError("varlong of more than 10 bytes")
    if value > 0xFFFFFFFFFFFFFFFF:
        raise WireError("varlong of more than 64 bits")
    return (value >> 1) ^ -(value & 1), pos


def encode_varint(value: int) -> bytes:
    """Return `value` (32 or 64 bits, signed) as a zigzag varint."""
    raw = value << 1 if value >= 0 else ((-value) << 1) - 1
    if raw < 0x80:
        return bytes((raw,))
    out = bytearray()
    while raw >= 0x80:
        out.append(raw & 0x7F | 0x80)
        raw >>= 7
    out.append(raw)
    return bytes(out)

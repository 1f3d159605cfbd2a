"""Compress and decompress record batches; the codecs are imported when first used.

Decompression never yields more than its caller's cap: it is streamed and stopped, or its
declared size is looked at first. Numbers are those of the `attributes` of batches.

Spec: KIP-110 (zstd); https://github.com/xerial/snappy-java (Java's snappy framing: a 16-byte
header, then blocks, each with its size in 4 bytes).
"""

import struct
import zlib
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.primitives import Buffer, read_uvarint

DEFAULT_MAX_BYTES: Final = 64 << 20

XERIAL_MAGIC: Final = b"\x82SNAPPY\x00"
XERIAL_HEADER: Final = XERIAL_MAGIC + struct.pack(">ii", 1, 1)
XERIAL_BLOCK_BYTES: Final = 32 << 10
# A snappy element of 3 bytes copies at most 64.
SNAPPY_MAX_RATIO: Final = 22

LZ4_MAGIC: Final = b"\x04\x22\x4d\x18"
GZIP_WBITS: Final = 31
# What zstd's own decoders accept unasked, and how much of a frame is fed at once: a slice
# of a bomb swells to 16 MiB before the cap is looked at again.
ZSTD_MAX_WINDOW_BYTES: Final = 1 << 27
ZSTD_SLICE_BYTES: Final = 512


class Compression(IntEnum):
    """Codecs, as in the low three bits of `attributes`."""

    NONE = 0
    GZIP = 1
    SNAPPY = 2
    LZ4 = 3
    ZSTD = 4


def compress(codec: int, payload: Buffer, *, magic: int = 2, level: int | None = None) -> bytes:
    """Return `payload` compressed so that Java clients of message format `magic` read it.

    Errors: UNSUPPORTED_COMPRESSION_TYPE.
    """
    if codec == Compression.NONE:
        return bytes(payload)
    if codec == Compression.GZIP:
        gzip = zlib.compressobj(-1 if level is None else level, zlib.DEFLATED, GZIP_WBITS)
        return gzip.compress(payload) + gzip.flush()
    if codec == Compression.SNAPPY:
        return _compress_snappy(payload)
    if codec == Compression.LZ4:
        # Java takes its fast compressor for the default of 9, and the other one for all others.
        return _compress_lz4(payload, magic, 0 if level in (None, 9) else level)
    if codec == Compression.ZSTD:
        from zstandard import ZstdCompressor

        return ZstdCompressor(level=3 if level is None else level).compress(payload)
    raise _unsupported(codec)


def decompress(
    codec: int, data: Buffer, *, max_bytes: int = DEFAULT_MAX_BYTES, magic: int = 2
) -> Buffer:
    """Return what `data` holds; uncompressed data is returned as it is.

    Errors: CORRUPT_MESSAGE for bytes that make no sense or end early, MESSAGE_TOO_LARGE when
    more than `max_bytes` come out, UNSUPPORTED_COMPRESSION_TYPE for an unknown codec.
    """
    if codec == Compression.NONE:
        return data
    step = _DECOMPRESS.get(codec)
    if step is None:
        raise _unsupported(codec)
    return step(memoryview(data), max_bytes, magic)


def _decompress_gzip(data: memoryview, max_bytes: int, magic: int) -> bytes:
    """Streams may follow one another, as gzip files may."""
    out = bytearray()
    rest: Buffer = data
    while rest:
        stream = zlib.decompressobj(GZIP_WBITS)
        try:
            out += stream.decompress(rest, max_bytes - len(out) + 1)
        except zlib.error as error:
            raise _corrupt("gzip", error) from error
        _check_size(out, max_bytes)
        rest = _after(stream.eof, stream.unused_data, "gzip")
    return _some(out, data, "gzip")


def _decompress_zstd(data: memoryview, max_bytes: int, magic: int) -> bytes:
    """A frame need not say its size, so it is fed in slices too small to swell far."""
    from zstandard import ZstdDecompressor, ZstdError

    out = bytearray()
    rest: Buffer = data
    while rest:
        stream = ZstdDecompressor(max_window_size=ZSTD_MAX_WINDOW_BYTES).decompressobj()
        position = 0
        while position < len(rest) and not stream.eof:
            try:
                out += stream.decompress(rest[position : position + ZSTD_SLICE_BYTES])
            except ZstdError as error:
                raise _corrupt("zstd", error) from error
            _check_size(out, max_bytes)
            position += ZSTD_SLICE_BYTES
        rest = _after(stream.eof, stream.unused_data, "zstd") + bytes(rest[position:])
    return _some(out, data, "zstd")


def _after(is_whole: bool, rest: bytes, name: str) -> bytes:
    if not is_whole:
        raise _corrupt(name, "ends early")
    return rest


def _some(out: bytearray, data: memoryview, name: str) -> bytes:
    if not data:
        raise _corrupt(name, "is empty")
    return bytes(out)


def _check_size(out: bytearray, max_bytes: int) -> None:
    if len(out) > max_bytes:
        raise _too_large(max_bytes)


def _decompress_lz4(data: memoryview, max_bytes: int, magic: int) -> bytes:
    from lz4.frame import LZ4FrameDecompressor

    if magic == 0:
        data = memoryview(_with_header_checksum(data, whole=False))
    frame = LZ4FrameDecompressor()
    try:
        out: bytes = frame.decompress(data, max_length=max_bytes + 1) if data else b""
    except RuntimeError as error:
        raise _corrupt("lz4", error) from error
    if len(out) > max_bytes:
        raise _too_large(max_bytes)
    if not frame.eof:
        raise _corrupt("lz4", "ends early")
    return out


def _compress_lz4(payload: Buffer, magic: int, level: int) -> bytes:
    """Independent blocks of 64 KiB without a size: Java reads no other kind."""
    import lz4.frame

    frame: bytes = lz4.frame.compress(
        payload,
        compression_level=level,
        block_size=lz4.frame.BLOCKSIZE_MAX64KB,
        block_linked=False,
        store_size=False,
    )
    return _with_header_checksum(memoryview(frame), whole=True) if magic == 0 else frame


def _with_header_checksum(frame: memoryview, *, whole: bool) -> bytes:
    """Replace an LZ4 frame's header checksum.

    Kafka's format v0 computed it over the whole header, its magic number included (KAFKA-3160);
    the right one leaves out the magic number. Frames that cannot be one are returned as they are.
    """
    if len(frame) < 7 or bytes(frame[:4]) != LZ4_MAGIC:
        return bytes(frame)
    flags = frame[4]
    end = 6 + (8 if flags & 0x08 else 0) + (4 if flags & 0x01 else 0)
    if len(frame) <= end:
        return bytes(frame)
    checksum = xxh32(bytes(frame[0 if whole else 4 : end])) >> 8 & 0xFF
    return b"".join((frame[:end], bytes((checksum,)), frame[end + 1 :]))


_P1, _P2, _P3, _P4, _P5 = 2654435761, 2246822519, 3266489917, 668265263, 374761393
_MASK = 0xFFFFFFFF


def _rotate(value: int, bits: int) -> int:
    value &= _MASK
    return (value << bits | value >> (32 - bits)) & _MASK


def xxh32(data: bytes) -> int:
    """Return the 32-bit xxHash of a few bytes, with seed 0.

    Spec: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
    """
    position, size = 0, len(data)
    total = _P5
    if size >= 16:
        lanes = [(_P1 + _P2) & _MASK, _P2, 0, -_P1 & _MASK]
        while position + 16 <= size:
            words = struct.unpack_from("<4I", data, position)
            lanes = [
                _rotate(lane + word * _P2, 13) * _P1 & _MASK
                for lane, word in zip(lanes, words, strict=True)
            ]
            position += 16
        total = sum(_rotate(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18), strict=True))
    total += size
    while position + 4 <= size:
        total = _rotate(total + struct.unpack_from("<I", data, position)[0] * _P3, 17) * _P4
        position += 4
    for byte in data[position:]:
        total = _rotate(total + byte * _P5, 11) * _P1
    total &= _MASK
    total = (total ^ total >> 15) * _P2 & _MASK
    total = (total ^ total >> 13) * _P3 & _MASK
    return total ^ total >> 16


def _compress_snappy(payload: Buffer) -> bytes:
    import snappy

    view = memoryview(payload)
    parts = [XERIAL_HEADER]
    for start in range(0, len(view), XERIAL_BLOCK_BYTES):
        block: bytes = snappy.compress(bytes(view[start : start + XERIAL_BLOCK_BYTES]))
        parts += (struct.pack(">i", len(block)), block)
    return b"".join(parts)


def _decompress_snappy(data: memoryview, max_bytes: int, magic: int) -> bytes:
    """Read Java's framing, or one block without any."""
    if bytes(data[:8]) != XERIAL_MAGIC:
        return _snappy_block(data, max_bytes)
    out = bytearray()
    position = len(XERIAL_HEADER)
    if len(data) < position:
        raise _corrupt("snappy", "ends in its header")
    while position < len(data):
        if position + 4 > len(data):
            raise _corrupt("snappy", "ends in a block's size")
        (size,) = struct.unpack_from(">i", data, position)
        position += 4
        if not 0 <= size <= len(data) - position:
            raise _corrupt("snappy", "block runs past the end")
        out += _snappy_block(data[position : position + size], max_bytes - len(out))
        position += size
    return bytes(out)


def _snappy_block(data: memoryview, max_bytes: int) -> bytes:
    import snappy

    try:
        declared, _ = read_uvarint(data, 0)
        if declared > len(data) * SNAPPY_MAX_RATIO:
            raise _corrupt("snappy", "declares more than it can hold")
        if declared > max_bytes:
            raise _too_large(max_bytes)
        out: bytes = snappy.uncompress(bytes(data))
    except KafkaError:
        raise
    except Exception as error:  # WireError, IndexError, and what snappy's wrappers raise
        raise _corrupt("snappy", error) from error
    return out


_DECOMPRESS: dict[int, Callable[[memoryview, int, int], bytes]] = {
    Compression.GZIP: _decompress_gzip,
    Compression.SNAPPY: _decompress_snappy,
    Compression.LZ4: _decompress_lz4,
    Compression.ZSTD: _decompress_zstd,
}


def _corrupt(name: str, why: object) -> KafkaError:
    return KafkaError(ErrorCode.CORRUPT_MESSAGE, f"{name}: {why}")


def _too_large(max_bytes: int) -> KafkaError:
    return KafkaError(ErrorCode.MESSAGE_TOO_LARGE, f"more than {max_bytes} bytes decompressed")


def _unsupported(codec: int) -> KafkaError:
    return KafkaError(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, f"compression type {codec}")

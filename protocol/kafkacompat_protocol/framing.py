"""Length-prefixed frames: 4 bytes of size, big-endian, then that many bytes."""

import struct

from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.primitives import Buffer

SIZE = struct.Struct(">i")
assert SIZE.size == 4


def frame_size(buf: Buffer, pos: int, limit: int) -> int:
    """Return the size of the frame at `pos`, of which the 4 bytes are there.

    Errors: WireError when it is negative or above `limit`; the text says what other protocol
    the bytes look like.
    """
    size: int = SIZE.unpack_from(buf, pos)[0]
    if 0 <= size <= limit:
        return size
    raise WireError(f"frame of {size} bytes (at most {limit}){_guess(bytes(buf[pos : pos + 4]))}")


def _guess(start: bytes) -> str:
    if start[:2] == b"\x16\x03":
        return "; it looks like a TLS handshake on a plaintext port"
    if start in (b"GET ", b"POST", b"PUT ", b"HEAD", b"OPTI", b"DELE", b"PRI "):
        return "; it looks like an HTTP request"
    return ""


def frame(payload: Buffer) -> bytes:
    """Return `payload` as a frame."""
    return SIZE.pack(len(payload)) + payload

"""Length-prefixed frames."""

import pytest

from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.framing import frame, frame_size


def test_a_frame_is_its_size_and_its_bytes() -> None:
    assert frame(b"abc") == b"\x00\x00\x00\x03abc"
    assert frame_size(b"??" + frame(b"abc"), 2, 3) == 3


@pytest.mark.parametrize("size", [-1, 4])
def test_a_size_out_of_bounds_is_refused(size: int) -> None:
    with pytest.raises(WireError, match=f"frame of {size} bytes"):
        frame_size(size.to_bytes(4, signed=True), 0, 3)


@pytest.mark.parametrize(("start", "said"), [(b"GET ", "HTTP"), (b"\x16\x03\x01\x02", "TLS")])
def test_other_protocols_are_named(start: bytes, said: str) -> None:
    with pytest.raises(WireError, match=said):
        frame_size(start, 0, 100)

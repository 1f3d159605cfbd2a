"""The codec's public side; each message's bytes are checked against outside encoders."""

import pytest

from kafkacompat_protocol import codec
from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest

REQUEST = HeartbeatRequest(group_id="g", generation_id=1, member_id="m")
WIRE = bytes.fromhex("000167" + "00000001" + "00016d")


def test_a_message_is_written_and_read() -> None:
    assert codec.encode(REQUEST, 0) == WIRE
    assert codec.decode(HeartbeatRequest, 0, WIRE) == REQUEST
    assert codec.decode(HeartbeatRequest, 0, memoryview(bytearray(WIRE))) == REQUEST


def test_bytes_after_the_message_are_refused() -> None:
    with pytest.raises(WireError, match="too many"):
        codec.decode(HeartbeatRequest, 0, WIRE + b"\x00")


def test_functions_are_compiled_once_for_each_version() -> None:
    assert codec.decoder(HeartbeatRequest, 0) is codec.decoder(HeartbeatRequest, 0)
    assert codec.encoder(HeartbeatRequest, 0) is not codec.encoder(HeartbeatRequest, 1)


@pytest.mark.parametrize("version", [-1, 5])
def test_a_version_that_does_not_exist_has_no_codec(version: int) -> None:
    with pytest.raises(ValueError, match="no version"):
        codec.decoder(HeartbeatRequest, version)
    with pytest.raises(ValueError, match="no version"):
        codec.encoder(HeartbeatRequest, version)


def test_an_encoder_writes_after_what_is_there() -> None:
    buffers = codec.encoder(HeartbeatRequest, 0)(REQUEST, bytearray(b"head"))
    assert b"".join(buffers) == b"head" + WIRE

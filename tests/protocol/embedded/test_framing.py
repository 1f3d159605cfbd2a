"""Embedded structures begin with their version."""

import pytest

from kafkacompat_protocol.embedded.consumer_protocol_assignment import ConsumerProtocolAssignment
from kafkacompat_protocol.embedded.consumer_protocol_subscription import (
    ConsumerProtocolSubscription,
)
from kafkacompat_protocol.embedded.framing import read_embedded, write_embedded
from kafkacompat_protocol.errors import WireError

VALUE = ConsumerProtocolSubscription(topics=["t"], generation_id=3)
CONTENT = bytes.fromhex("000200000001000174ffffffff0000000000000003")


def test_a_structure_is_written_and_read_with_its_version() -> None:
    assert write_embedded(VALUE, 2) == CONTENT
    assert read_embedded(ConsumerProtocolSubscription, CONTENT) == VALUE


def test_of_a_newer_version_what_is_known_is_read() -> None:
    newer = b"\x00\x09" + write_embedded(VALUE, 3)[2:] + b"more"
    assert read_embedded(ConsumerProtocolSubscription, newer) == VALUE


def test_what_is_cut_anywhere_or_of_no_version_is_refused() -> None:
    for size in range(len(CONTENT)):
        with pytest.raises(WireError):
            read_embedded(ConsumerProtocolSubscription, CONTENT[:size])
    with pytest.raises(WireError, match="version -1"):
        read_embedded(ConsumerProtocolAssignment, b"\xff\xff")

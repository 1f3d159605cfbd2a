"""Ids as Kafka writes them."""

from uuid import UUID

import pytest

from kafkacompat_storage.directory_ids import decode_id, encode_id, new_id, random_uuid


def test_an_id_is_22_characters_and_read_back():
    # The id of Kafka's own metadata topic: fifteen zero bytes and a one.
    assert encode_id(bytes(15) + b"\x01") == "AAAAAAAAAAAAAAAAAAAAAQ"
    assert decode_id("4L6g3nShT-eMCtK--X86sw") == bytes.fromhex("e0bea0de74a14fe78c0ad2bef97f3ab3")
    made = new_id()
    identity = decode_id(made)
    assert identity is not None
    assert encode_id(identity) == made


@pytest.mark.parametrize("text", ["", "AAAA", "!", "A" * 23, "ä" * 22])
def test_other_text_is_no_id(text: str):
    assert decode_id(text) is None


def test_random_uuids_are_of_version_4():
    found = {random_uuid() for _ in range(100)}
    assert len(found) == 100
    assert {UUID(bytes=raw).version for raw in found} == {4}

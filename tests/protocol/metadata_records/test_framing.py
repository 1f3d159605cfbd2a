"""Metadata records are framed as Kafka's MetadataRecordSerde does."""

import pytest

from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.metadata_records._index import MODULES
from kafkacompat_protocol.metadata_records.framing import (
    MetadataRecord,
    decode_record,
    encode_record,
    record_class,
)
from kafkacompat_protocol.metadata_records.topics import TopicRecord

TOPIC_ID = bytes(range(16))
# Frame version 1, key 2, version 0; "t" as a compact string; the id; no tagged fields.
FRAMED = b"\x01\x02\x00" + b"\x02t" + TOPIC_ID + b"\x00"


def test_a_topic_record_is_written_and_read() -> None:
    record = TopicRecord(name="t", topic_id=TOPIC_ID)

    assert encode_record(record, 0) == FRAMED
    assert decode_record(FRAMED) == MetadataRecord(2, 0, record)


@pytest.mark.parametrize("frame", [b"\x01\x7f\x00rest", b"\x01\x02\x09rest"])
def test_a_record_of_unknown_key_or_version_has_no_value(frame: bytes) -> None:
    assert decode_record(frame).value is None


def test_another_frame_version_is_refused() -> None:
    with pytest.raises(WireError, match="frame version 2"):
        decode_record(b"\x02" + FRAMED[1:])


def test_a_record_cut_anywhere_is_refused() -> None:
    for size in range(len(FRAMED)):
        with pytest.raises(WireError):
            decode_record(FRAMED[:size])


def test_every_indexed_key_has_its_class() -> None:
    assert all(record_class(key).__schema__.key == key for key in MODULES)

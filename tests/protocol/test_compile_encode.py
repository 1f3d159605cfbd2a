"""Encoding: records as buffers of their own, nulls, and long lengths."""

from kafkacompat_protocol import codec
from kafkacompat_protocol.compile_encode import INLINE_RECORDS_BYTES
from kafkacompat_protocol.messages.fetch import (
    FetchableTopicResponse,
    FetchResponse,
    PartitionData,
)
from kafkacompat_protocol.messages.join_group import JoinGroupResponse
from tests.protocol.test_compile_decode import OddRequest


def fetched(*records: object) -> FetchResponse:
    partitions = [
        PartitionData(
            partition_index=index,
            error_code=0,
            high_watermark=0,
            aborted_transactions=None,
            records=item,  # type: ignore[arg-type]
        )
        for index, item in enumerate(records)
    ]
    return FetchResponse(
        error_code=0, responses=[FetchableTopicResponse(topic="t", partitions=partitions)]
    )


def test_large_records_are_sent_as_they_are_and_small_ones_copied() -> None:
    large, small = bytes(INLINE_RECORDS_BYTES), b"small"
    buffers = codec.encoder(FetchResponse, 11)(fetched(large, small), bytearray())
    assert len(buffers) == 3
    assert buffers[1] is large
    assert b"".join(buffers).endswith(b"\x00\x00\x00\x05small")


def test_records_in_several_buffers_are_one_field() -> None:
    large = bytes(INLINE_RECORDS_BYTES)
    for version in (11, 12):
        pieces = codec.encode(fetched([b"ab", large, b"cd"]), version)
        assert pieces == codec.encode(fetched(b"ab" + large + b"cd"), version)


def test_null_and_empty_records_differ() -> None:
    assert codec.encode(fetched(None), 11).endswith(b"\xff\xff\xff\xff")
    assert codec.encode(fetched(b""), 11).endswith(b"\x00\x00\x00\x00")


def test_lengths_beyond_one_byte_are_written() -> None:
    for count in (126, 127, 128, 20_000):
        request = OddRequest(names=["x" * count], numbers=[1] * count)
        assert codec.decode(OddRequest, 1, codec.encode(request, 1)) == request


def test_a_tagged_field_at_its_default_is_left_out() -> None:
    plain = codec.encode(OddRequest(), 1)
    assert codec.encode(OddRequest(limit=7), 1) == plain
    assert codec.encode(OddRequest(limit=8), 1) == plain[:-1] + bytes.fromhex(
        "01" + "0304" + "00000008"
    )


def test_null_is_written_as_empty_where_a_version_has_no_null() -> None:
    response = JoinGroupResponse(
        error_code=25, protocol_name=None, leader="", member_id="", members=[]
    )
    assert codec.decode(JoinGroupResponse, 5, codec.encode(response, 5)).protocol_name == ""
    assert codec.decode(JoinGroupResponse, 7, codec.encode(response, 7)).protocol_name is None

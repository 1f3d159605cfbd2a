"""Codecs: what goes in comes out, others' bytes are read, bombs and garbage are refused."""

import struct
import zlib
from contextlib import suppress

import lz4.frame
import pytest
import snappy
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.compression import Compression, compress, decompress, xxh32

CODECS = [Compression.GZIP, Compression.SNAPPY, Compression.LZ4, Compression.ZSTD]
PAYLOAD = b"the same words over and over, " * 40


@pytest.mark.parametrize("codec", CODECS)
@given(payload=st.binary(max_size=200), repeat=st.sampled_from([1, 1000]))
def test_what_is_compressed_comes_back(codec: Compression, payload: bytes, repeat: int) -> None:
    packed = compress(codec, payload * repeat)

    assert decompress(codec, packed) == payload * repeat


def test_no_codec_gives_the_bytes_as_they_are() -> None:
    assert decompress(Compression.NONE, PAYLOAD) is PAYLOAD


@pytest.mark.parametrize(
    ("codec", "packed"),
    [
        (Compression.SNAPPY, snappy.compress(PAYLOAD)),
        (Compression.LZ4, lz4.frame.compress(PAYLOAD, content_checksum=True)),
        (Compression.LZ4, lz4.frame.compress(PAYLOAD, store_size=False, block_linked=False)),
        (Compression.ZSTD, zstandard.ZstdCompressor(level=19).compress(PAYLOAD)),
        (Compression.ZSTD, zstandard.ZstdCompressor(write_content_size=False).compress(PAYLOAD)),
    ],
)
def test_other_writers_framings_are_read(codec: Compression, packed: bytes) -> None:
    assert decompress(codec, packed) == PAYLOAD


@pytest.mark.parametrize("codec", [Compression.GZIP, Compression.ZSTD])
def test_streams_one_after_the_other_are_read_as_one(codec: Compression) -> None:
    assert decompress(codec, compress(codec, b"one ") + compress(codec, b"two")) == b"one two"


@pytest.mark.parametrize("codec", CODECS)
def test_a_stream_cut_anywhere_is_corrupt_or_shorter_at_a_block(codec: Compression) -> None:
    packed = compress(codec, PAYLOAD)
    whole_blocks = {16} if codec == Compression.SNAPPY else set()
    for size in set(range(len(packed))) - whole_blocks:
        with pytest.raises(KafkaError) as refused:
            decompress(codec, packed[:size])
        assert refused.value.code == ErrorCode.CORRUPT_MESSAGE


@pytest.mark.parametrize("codec", CODECS)
@given(garbage=st.binary(max_size=100))
def test_garbage_is_refused_with_a_kafka_error(codec: Compression, garbage: bytes) -> None:
    with suppress(KafkaError):
        decompress(codec, garbage)


@pytest.mark.parametrize("codec", CODECS)
def test_a_bomb_is_stopped_at_the_cap(codec: Compression) -> None:
    bomb = compress(codec, bytes(4 << 20))

    assert len(bomb) < 256 << 10
    with pytest.raises(KafkaError) as refused:
        decompress(codec, bomb, max_bytes=1 << 20)
    assert refused.value.code == ErrorCode.MESSAGE_TOO_LARGE


@pytest.mark.parametrize("codec", CODECS)
def test_exactly_the_cap_is_accepted(codec: Compression) -> None:
    assert len(decompress(codec, compress(codec, PAYLOAD), max_bytes=len(PAYLOAD))) == len(PAYLOAD)


def test_a_snappy_size_that_its_bytes_cannot_hold_is_refused_before_allocation() -> None:
    with pytest.raises(KafkaError, match="more than it can hold"):
        decompress(Compression.SNAPPY, b"\xff\xff\xff\xff\x07\x00", max_bytes=1 << 31)


@pytest.mark.parametrize("codec", [5, 6, 7])
def test_an_unknown_codec_is_refused(codec: int) -> None:
    for call in (compress, decompress):
        with pytest.raises(KafkaError) as refused:
            call(codec, b"x")
        assert refused.value.code == ErrorCode.UNSUPPORTED_COMPRESSION_TYPE


def test_snappy_is_written_in_javas_framing() -> None:
    packed = compress(Compression.SNAPPY, bytes(40 << 10))

    assert packed[:16] == b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)
    (first,) = struct.unpack_from(">i", packed, 16)
    assert snappy.uncompress(packed[20 : 20 + first]) == bytes(32 << 10)


def test_gzip_is_written_with_a_gzip_header() -> None:
    assert zlib.decompress(compress(Compression.GZIP, PAYLOAD), 31) == PAYLOAD


# By the xxhash package.
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0x02CC5D05),
        (b"a", 0x550D7456),
        (b"abc", 0x32D153FF),
        (bytes(32), 0x2CA90BD2),
        (bytes(range(37)), 0x778632D9),
    ],
)
def test_xxh32_of_known_inputs(data: bytes, expected: int) -> None:
    assert xxh32(data) == expected


def test_the_right_lz4_header_checksum_is_what_lz4_itself_writes() -> None:
    for store_size in (False, True):
        frame = lz4.frame.compress(PAYLOAD, store_size=store_size)
        end = 14 if store_size else 6
        assert frame[end] == xxh32(frame[4:end]) >> 8 & 0xFF


def test_format_v0_has_the_wrong_lz4_header_checksum_and_both_are_read() -> None:
    wrong = compress(Compression.LZ4, PAYLOAD, magic=0)
    right = compress(Compression.LZ4, PAYLOAD, magic=1)

    assert wrong[6] == xxh32(wrong[:6]) >> 8 & 0xFF
    assert wrong[6] != right[6]
    assert decompress(Compression.LZ4, wrong, magic=0) == PAYLOAD
    assert decompress(Compression.LZ4, right, magic=0) == PAYLOAD
    with pytest.raises(KafkaError, match="headerChecksum"):
        decompress(Compression.LZ4, wrong, magic=1)

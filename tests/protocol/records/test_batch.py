"""The batch frame: bytes against an independent encoder, every truncation, every patch."""

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records import batch as b
from tests.support.foreign_records import MemoryRecordsBuilder


def foreign_batch(records: int = 3) -> bytes:
    """A batch as kafka-python encodes it, timestamps 1000, 1001, ..."""
    builder = MemoryRecordsBuilder(magic=2, compression_type=0, batch_size=1 << 20)
    for number in range(records):
        builder.append(timestamp=1000 + number, key=b"k", value=b"value", headers=[])
    builder.close()
    return bytes(builder.buffer())


def test_a_foreign_batch_is_read_and_framed_back_to_the_same_bytes():
    foreign = foreign_batch()
    header = b.read_header(foreign)
    assert (header.base_offset, header.size, header.record_count) == (0, len(foreign), 3)
    assert (header.last_offset, header.next_offset, header.max_timestamp) == (2, 3, 1002)
    assert (header.compression, header.timestamp_type, header.last_sequence) == (0, 0, -1)
    assert (header.is_control, header.is_transactional) == (False, False)
    assert header.delete_horizon_ms is None
    assert b.check_crc(foreign, 0, len(foreign))
    framed = b.build_batch(
        foreign[b.HEADER_SIZE :],
        base_offset=0,
        record_count=3,
        base_timestamp=1000,
        max_timestamp=1002,
        partition_leader_epoch=header.partition_leader_epoch,
    )
    assert bytes(framed) == foreign


def test_attributes_say_what_was_asked_for():
    framed = b.build_batch(
        b"x",
        base_offset=7,
        record_count=2,
        base_timestamp=1,
        max_timestamp=2,
        compression=4,
        timestamp_type=1,
        producer_id=9,
        producer_epoch=1,
        base_sequence=5,
        is_transactional=True,
        is_control=True,
        last_offset_delta=10,
        delete_horizon_ms=77,
    )
    header = b.read_header(framed)
    assert header.attributes == 0b1111100
    assert (header.compression, header.timestamp_type) == (4, 1)
    assert header.is_transactional
    assert header.is_control
    assert (header.delete_horizon_ms, header.last_offset, header.last_sequence) == (77, 17, 15)


def test_sequence_numbers_wrap_to_zero():
    assert b.sequence_after(0x7FFFFFFF, 1) == 0
    assert b.sequence_after(0x7FFFFFFE, 3) == 1
    assert b.sequence_after(-1, 3) == -1


def test_a_header_cut_at_each_byte_is_corrupt():
    foreign = foreign_batch()
    for size in range(b.HEADER_SIZE):
        with pytest.raises(KafkaError) as raised:
            b.read_header(foreign[:size])
        assert raised.value.code == ErrorCode.CORRUPT_MESSAGE
    for size in range(1, len(foreign)):
        assert not b.check_crc(foreign[:size], 0, len(foreign))
        with pytest.raises(KafkaError):
            list(b.read_batches(foreign[:size]))


@pytest.mark.parametrize(
    ("at", "patch"),
    [(b.MAGIC_AT, b"\x01"), (b.LENGTH_AT, b"\x00\x00\x00\x30"), (23, b"\xff\xff\xff\xff")],
)
def test_impossible_header_fields_are_corrupt(at: int, patch: bytes):
    batch = bytearray(foreign_batch())
    batch[at : at + len(patch)] = patch
    with pytest.raises(KafkaError):
        b.read_header(batch)


def test_a_flipped_bit_behind_the_crc_is_seen():
    for at in range(b.CRC_AT, b.HEADER_SIZE + 5):
        batch = bytearray(foreign_batch())
        batch[at] ^= 0x10
        assert not b.check_crc(batch, 0, len(batch))


def test_offset_and_epoch_are_patched_without_touching_the_crc():
    batch = bytearray(b"??") + bytearray(foreign_batch())
    b.patch_base_offset(batch, 2, 1 << 40)
    b.patch_leader_epoch(batch, 2, 12)
    header = b.read_header(batch, 2)
    assert (header.base_offset, header.partition_leader_epoch) == (1 << 40, 12)
    assert b.check_crc(batch, 2, header.size)


def test_log_append_time_is_patched_with_a_new_crc():
    batch = bytearray(foreign_batch())
    b.patch_log_append_time(memoryview(batch), 0, len(batch), 5000)
    header = b.read_header(batch)
    assert (header.timestamp_type, header.max_timestamp, header.base_timestamp) == (1, 5000, 1000)
    assert b.check_crc(batch, 0, len(batch))


def test_batches_of_a_buffer_are_walked():
    one, two = foreign_batch(1), foreign_batch(2)
    walked = [(at, header.record_count) for at, header in b.read_batches(one + two)]
    assert walked == [(0, 1), (len(one), 2)]
    buffer = one + two
    for end in range(len(buffer) + 1):
        expected = len(buffer) if end == len(buffer) else len(one) if end >= len(one) else 0
        assert b.whole_batches(buffer, 0, end) == expected

"""Control batches, byte for byte and cut short."""

import pytest

from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.records import batch as b
from kafkacompat_protocol.records import control as c
from tests.support.foreign_records import DefaultRecordBatch


def marker(commit: bool = True) -> bytearray:
    return c.build_end_txn_batch(
        commit=commit, producer_id=5, producer_epoch=2, coordinator_epoch=7, timestamp_ms=99
    )


def test_a_commit_marker_has_the_bytes_of_the_specification():
    # length 16; attributes, deltas 0; key of 4: version 0, type 1; value of 6: version 0, epoch 7
    expected = "20 00 00 00 08 00000001 0c 000000000007 00"
    assert marker()[b.HEADER_SIZE :] == bytes.fromhex(expected)
    header = b.read_header(marker())
    assert header.is_control
    assert header.is_transactional
    assert (header.producer_id, header.producer_epoch, header.base_sequence) == (5, 2, -1)
    assert b.check_crc(marker(), 0, header.size)


def test_another_library_reads_the_marker():
    batch = DefaultRecordBatch(bytes(marker(commit=False)))
    assert batch.is_control_batch
    (record,) = batch
    assert bytes(record.key) == b"\x00\x00\x00\x00"


@pytest.mark.parametrize("commit", [True, False])
def test_a_marker_is_read_back(commit: bool):
    record = c.read_control_record(bytearray(b"..") + marker(commit), 2)
    assert record.type == (c.ControlRecordType.COMMIT if commit else c.ControlRecordType.ABORT)
    assert c.read_end_txn_marker(record) == (0, 7)


def test_long_values_and_unknown_types_survive():
    batch = c.build_control_batch(
        c.ControlRecordType.KRAFT_VOTERS, b"v" * 300, timestamp_ms=1, version=3
    )
    assert c.read_control_record(batch) == (3, 6, b"v" * 300)
    batch[b.HEADER_SIZE + 2 + 3 + 1 + 3] = 44
    assert c.read_control_record(batch).type == 44


def test_a_marker_cut_at_each_byte_is_corrupt():
    whole = marker()
    for size in range(len(whole)):
        with pytest.raises(KafkaError):
            c.read_control_record(whole[:size])
    for size in range(b.HEADER_SIZE, len(whole) - 1):
        cut = bytearray(whole[:size])
        cut[b.LENGTH_AT : b.LENGTH_AT + 4] = (size - 12).to_bytes(4, "big")
        with pytest.raises(KafkaError):
            c.read_end_txn_marker(c.read_control_record(cut))


def test_a_data_batch_is_no_control_batch():
    data = b.build_batch(
        b"", base_offset=0, record_count=0, base_timestamp=0, max_timestamp=0, last_offset_delta=0
    )
    with pytest.raises(KafkaError):
        c.read_control_record(data)

"""TransactionLog's bytes, as Kafka 3.9.1 (v0) and 4.3.1 (v1) write them."""

from kafkacompat_protocol.codec import decode, encode
from kafkacompat_protocol.coordinator_records.transaction.transaction_log import (
    TransactionLogKey,
    TransactionLogPartitions,
    TransactionLogValue,
)

VALUE = TransactionLogValue(
    producer_id=7,
    producer_epoch=3,
    transaction_timeout_ms=60_000,
    transaction_status=1,
    transaction_partitions=[TransactionLogPartitions(topic="t", partition_ids=[2])],
    transaction_last_update_timestamp_ms=2_000,
    transaction_start_timestamp_ms=1_000,
)
FIXED = "0000000000000007" + "0003" + "0000ea60" + "01"
TIMES = "00000000000007d0" + "00000000000003e8"


def test_the_key_is_the_transactional_id() -> None:
    assert encode(TransactionLogKey(transactional_id="id"), 0).hex() == "00026964"


def test_version_0_has_plain_arrays() -> None:
    expected = FIXED + "00000001" + "000174" + "00000001" + "00000002" + TIMES

    assert encode(VALUE, 0).hex() == expected
    assert decode(TransactionLogValue, 0, bytes.fromhex(expected)) == VALUE


def test_version_1_carries_what_is_new_in_tags() -> None:
    value = decode(TransactionLogValue, 1, encode(VALUE, 1))
    value.next_producer_id, value.next_producer_epoch = 8, 0
    value.client_transaction_version = 2
    tags = "03" + "01" + "08" + "0000000000000008" + "02" + "02" + "0002" + "03" + "02" + "0000"
    expected = FIXED + "02" + "0274" + "02" + "00000002" + "00" + TIMES + tags

    assert encode(value, 1).hex() == expected
    assert decode(TransactionLogValue, 1, bytes.fromhex(expected)) == value

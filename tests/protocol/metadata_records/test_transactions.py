"""Records of metadata transactions, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.metadata_records.transactions import (
    AbortTransactionRecord,
    BeginTransactionRecord,
    EndTransactionRecord,
)
from tests.support.encoded import assert_encoded


def test_a_begin() -> None:
    value = BeginTransactionRecord(name="Bootstrap records")

    # Kafka 4.3.1
    assert_encoded(value, 0, "01001212426f6f747374726170207265636f726473")


def test_a_begin_without_a_name() -> None:
    value = BeginTransactionRecord()

    # Kafka 4.3.1
    assert_encoded(value, 0, "00")


def test_an_end() -> None:
    value = EndTransactionRecord()

    # Kafka 4.3.1
    assert_encoded(value, 0, "00")


def test_an_abort() -> None:
    value = AbortTransactionRecord(reason="why")

    # Kafka 4.3.1
    assert_encoded(value, 0, "01000404776879")

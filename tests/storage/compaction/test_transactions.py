"""Which batches of transactions go, met one after the other."""

from kafkacompat_protocol.records.batch import read_header
from kafkacompat_protocol.records.control import ControlRecordType, build_control_batch
from kafkacompat_storage.compaction.transactions import CleanedTransactions
from kafkacompat_storage.txn_index import AbortedTransaction
from tests.support import batches as b

ABORTED = AbortedTransaction(7, 10, 13, 14)


def at(offset: int, content: bytearray) -> bytearray:
    content[:8] = offset.to_bytes(8, "big")
    return content


def data(offset: int, producer: int, transactional: bool = True) -> bytearray:
    return at(
        offset,
        b.batch(b"v", producer_id=producer, epoch=0, sequence=0, transactional=transactional),
    )


def marker(offset: int, producer: int, *, commit: bool) -> bytearray:
    return at(offset, b.marker(producer, 0, commit=commit))


def walk(transactions: CleanedTransactions, *contents: bytearray) -> list[bool]:
    return [transactions.goes(read_header(content), content) for content in contents]


def test_aborted_data_go_and_their_marker_stays_while_any_was_met():
    met = CleanedTransactions([ABORTED])
    contents = (data(9, 8), data(10, 7), data(11, 8), marker(13, 7, commit=False))
    assert walk(met, *contents) == [False, True, False, False]
    assert met.kept == [ABORTED]


def test_a_marker_goes_when_nothing_of_its_transaction_was_met():
    met = CleanedTransactions([ABORTED])
    assert walk(met, marker(13, 7, commit=False), marker(15, 9, commit=True)) == [True, True]
    assert met.kept == []
    met = CleanedTransactions([])
    contents = (data(1, 9), marker(2, 9, commit=True), marker(3, 9, commit=True))
    assert walk(met, *contents) == [False, False, True]


def test_a_producers_next_transaction_is_another():
    second = AbortedTransaction(7, 20, 22, 23)
    met = CleanedTransactions([second, ABORTED])
    contents = (
        data(10, 7),
        marker(13, 7, commit=False),
        data(15, 7),
        marker(16, 7, commit=True),
        data(20, 7),
        marker(22, 7, commit=False),
    )
    assert walk(met, *contents) == [True, False, False, False, True, False]
    assert met.kept == [ABORTED, second]


def test_what_is_not_of_a_transaction_stays():
    met = CleanedTransactions([ABORTED])
    leader_change = build_control_batch(
        ControlRecordType.LEADER_CHANGE, b"\x00\x00", timestamp_ms=b.NOW
    )
    unknown = build_control_batch(ControlRecordType.KRAFT_VOTERS, b"", timestamp_ms=b.NOW)
    contents = (data(11, 7, transactional=False), at(12, leader_change), at(14, unknown))
    assert walk(met, *contents) == [False, False, False]


def test_what_is_left_of_a_marker_that_went_goes():
    empty = marker(3, 7, commit=True)
    empty[57:61] = bytes(4)
    assert walk(CleanedTransactions([]), empty) == [True]

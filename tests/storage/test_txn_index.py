"""The index of aborted transactions: bytes as Kafka writes them, and files a crash left."""

import struct

from kafkacompat_storage.txn_index import AbortedTransaction, decode_txn_index, encode_txn_index

ONE = AbortedTransaction(7, 10, 12, 11)
TWO = AbortedTransaction(8, 11, 15, 16)


def test_entries_are_a_version_and_four_int64():
    content = encode_txn_index([ONE, TWO])
    assert content == struct.pack(">hqqqqhqqqq", 0, 7, 10, 12, 11, 0, 8, 11, 15, 16)
    assert decode_txn_index(content, 10, 16) == [ONE, TWO]


def test_entries_outside_the_segment_and_cut_ones_are_left_out():
    content = encode_txn_index([ONE, TWO])
    assert decode_txn_index(content, 10, 15) == [ONE]
    assert decode_txn_index(content, 13, 16) == []
    for size in range(34, 68):
        assert decode_txn_index(content[:size], 10, 16) == [ONE]

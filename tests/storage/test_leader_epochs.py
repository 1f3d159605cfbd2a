"""Leader epochs: what OffsetForLeaderEpoch answers, truncation, and the file."""

from kafkacompat_storage.leader_epochs import EpochStart, LeaderEpochs, decode_leader_epochs


def epochs() -> LeaderEpochs:
    made = LeaderEpochs()
    assert made.assign(2, 10)
    assert made.assign(4, 20)
    assert made.assign(7, 30)
    return made


def test_the_end_of_an_epoch_is_where_the_next_begins():
    ends = [epochs().end_offset(epoch, 99) for epoch in range(-1, 9)]
    assert ends == [
        (-1, -1), (0, 10), (1, 10), (2, 20), (2, 20), (4, 30), (4, 30), (4, 30), (7, 99), (-1, -1),
    ]  # fmt: skip
    assert LeaderEpochs().end_offset(0, 5) == (-1, -1)


def test_offsets_know_their_epoch():
    assert [epochs().epoch_of(offset) for offset in (9, 10, 19, 20, 31)] == [-1, 2, 2, 4, 7]


def test_an_epoch_already_known_or_older_is_no_news():
    made = epochs()
    assert not made.assign(7, 35)
    assert not made.assign(5, 35)


def test_an_epoch_that_wrote_nothing_leaves_no_trace():
    made = epochs()
    made.assign(8, 40)
    made.assign(9, 40)
    assert made.starts[-2:] == [(7, 30), (9, 40)]


def test_both_ends_can_be_cut():
    made = epochs()
    made.truncate(30)
    made.advance_start(15)
    assert made.starts == [(2, 15), (4, 20)]
    made.advance_start(25)
    assert made.starts == [(4, 25)]


def test_the_file_is_kafkas_and_is_read_back():
    assert epochs().encode().split() == b"0\n3\n2 10\n4 20\n7 30\n".split()
    assert decode_leader_epochs(epochs().encode(), 99).starts == epochs().starts
    assert decode_leader_epochs(epochs().encode(), 30).starts == epochs().starts[:2]
    assert decode_leader_epochs(b"0\n2\n2 10\nx y\n", 99).starts == [EpochStart(2, 10)]
    assert decode_leader_epochs(None, 99).starts == []

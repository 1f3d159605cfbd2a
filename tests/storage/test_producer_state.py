"""Idempotence windows, epochs, wrapping sequences, transactions, expiry."""

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import read_header
from kafkacompat_storage import producer_state as p
from kafkacompat_storage.producer_state import ProducerState, SequencedBatch
from tests.support.batches import batch, marker

LAST = 0x7FFFFFFF


def state_with(*batches: tuple[int, int], epoch: int = 0) -> ProducerState:
    """A producer 1 that sent batches of (first sequence, records)."""
    state = ProducerState()
    offset = 0
    for sequence, count in batches:
        offset += count
        last = (sequence + count - 1) & LAST
        state.note_batch(1, epoch, SequencedBatch(last, offset - 1, count - 1, 0), False)
    return state


def refusal(state: ProducerState, epoch: int, sequence: int, delta: int = 0) -> ErrorCode:
    with pytest.raises(KafkaError) as raised:
        state.check(1, epoch, sequence, delta, False)
    return raised.value.code


def test_the_next_sequence_and_unknown_producers_pass():
    state = state_with((0, 3))
    assert state.check(1, 0, 3, 0, False) is None
    assert state.check(2, 5, 77, 0, False) is None


def test_each_of_the_last_five_is_told_with_its_offset():
    state = state_with(*[(number * 2, 2) for number in range(7)])
    for number in range(2, 7):
        found = state.check(1, 0, number * 2, 1, False)
        assert found is not None
        assert found.last_offset == number * 2 + 1


def test_older_ones_are_duplicates_and_gaps_are_out_of_order():
    state = state_with(*[(number, 1) for number in range(7)])
    assert refusal(state, 0, 0) == ErrorCode.DUPLICATE_SEQUENCE_NUMBER
    assert refusal(state, 0, 1) == ErrorCode.DUPLICATE_SEQUENCE_NUMBER
    assert refusal(state, 0, 8) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert refusal(state, 0, 6, 3) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert refusal(state, 0, 1 << 30) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER


def test_sequences_wrap_to_zero():
    state = state_with((LAST - 1, 4))
    assert state.check(1, 0, 2, 0, False) is None
    found = state.check(1, 0, LAST - 1, 3, False)
    assert found is not None
    state.note_batch(1, 0, SequencedBatch(2, 4, 0, 0), False)
    assert state.check(1, 0, 3, 0, False) is None
    assert refusal(state, 0, LAST) == ErrorCode.DUPLICATE_SEQUENCE_NUMBER


def test_a_newer_epoch_begins_at_zero_and_an_older_one_is_fenced():
    state = state_with((0, 3), epoch=4)
    assert refusal(state, 3, 3) == ErrorCode.INVALID_PRODUCER_EPOCH
    assert refusal(state, 5, 3) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert state.check(1, 5, 0, 0, False) is None
    state.note_batch(1, 5, SequencedBatch(0, 3, 0, 0), False)
    assert [entry.last_sequence for entry in state.producers[1].window] == [0]


def test_a_plain_batch_inside_a_transaction_is_refused():
    state = ProducerState()
    state.note_batch(1, 0, SequencedBatch(0, 0, 0, 0), True)
    assert refusal(state, 0, 1) == ErrorCode.INVALID_TXN_STATE
    assert state.check(1, 0, 1, 0, True) is None


def test_transactions_begin_and_end_and_hold_back_what_is_stable():
    state = ProducerState()
    for producer_id, offset in ((1, 10), (2, 12), (1, 13)):
        state.note_batch(producer_id, 0, SequencedBatch(0, offset, 0, 0), True)
    assert (state.first_unstable_offset(99), state.all_stable) == (10, False)
    aborted = state.end_transaction(1, 0, 0, 14, aborted=True, now_ms=5)
    assert aborted == (1, 10, 14, 12)
    assert state.first_unstable_offset(14) == 10
    assert state.first_unstable_offset(15) == 12
    assert state.end_transaction(2, 0, 0, 15, aborted=False, now_ms=5) is None
    assert state.first_unstable_offset(16) is None
    assert state.all_stable
    assert state.end_transaction(2, 0, 0, 16, aborted=True, now_ms=5) is None
    assert state.all_stable


def test_a_marker_of_a_newer_epoch_fences_and_clears_the_window():
    state = state_with((0, 3))
    state.end_transaction(1, 1, 0, 3, aborted=True, now_ms=0)
    assert refusal(state, 0, 3) == ErrorCode.INVALID_PRODUCER_EPOCH
    assert state.check(1, 1, 0, 0, False) is None


def test_batches_and_markers_are_noted_from_their_bytes():
    state = ProducerState()
    content = batch(
        b"a", b"b", producer_id=4, epoch=2, sequence=6, transactional=True, base_offset=20
    )
    assert state.note(read_header(content), content, 0) is None
    assert state.producers[4].window == (SequencedBatch(7, 21, 1, 0),)
    assert state.open_transactions == {4: 20}
    end = marker(4, 2, commit=False, coordinator_epoch=9)
    end[:8] = (22).to_bytes(8, "big")
    assert state.note(read_header(end), end, 0) == (4, 20, 22, 23)
    assert state.producers[4].coordinator_epoch == 9
    plain = batch(b"x")
    assert state.note(read_header(plain), plain, 0) is None
    assert list(state.producers) == [4]


def test_silent_producers_are_forgotten_unless_a_transaction_is_open():
    state = ProducerState()
    state.note_batch(1, 0, SequencedBatch(0, 0, 0, 100), False)
    state.note_batch(2, 0, SequencedBatch(0, 1, 0, 100), True)
    state.note_batch(3, 0, SequencedBatch(0, 2, 0, 101), False)
    state.expire(200, 100)
    assert sorted(state.producers) == [2, 3]


def test_producers_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(p, "PRODUCERS_LIMIT", 20)
    state = ProducerState()
    for producer_id in range(50):
        entry = SequencedBatch(0, producer_id, 0, producer_id)
        state.note_batch(producer_id, 0, entry, producer_id == 0)
    assert len(state.producers) <= 20
    assert {0, 49} <= set(state.producers)

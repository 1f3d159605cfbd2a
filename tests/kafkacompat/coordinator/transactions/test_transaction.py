"""Transactions as transcripts: who may do what, and what a request does that comes again."""

import pytest

from kafkacompat.coordinator.transactions.state import TxnStatus
from kafkacompat.coordinator.transactions.transaction import NOBODY, Answered, Identity
from kafkacompat_protocol.errors import ErrorCode
from tests.support.transactions import FIRST_ID, V1_CLIENT, Ledger

OK = ErrorCode.NONE
FENCED = Answered(ErrorCode.PRODUCER_FENCED)
BUSY = Answered(ErrorCode.CONCURRENT_TRANSACTIONS)
versions = pytest.mark.parametrize("version", [V1_CLIENT, 2], ids=["v1", "v2"])


# --- InitProducerId


def test_a_new_id_gets_a_producer_id_and_epoch_0() -> None:
    assert Ledger().init() == Answered(OK, Identity(FIRST_ID, 0))


def test_a_second_producer_gets_the_next_epoch_and_fences_the_first() -> None:
    ledger = Ledger()
    first = ledger.init().producer
    second = ledger.init().producer
    assert second == Identity(FIRST_ID, 1)
    assert ledger.add(first) == ErrorCode.PRODUCER_FENCED
    assert ledger.add(second) == OK


@pytest.mark.parametrize("timeout_ms", [0, -1, 900_001])
def test_a_timeout_out_of_bounds_is_refused(timeout_ms: int) -> None:
    answered = Ledger().init(timeout_ms=timeout_ms)
    assert answered == Answered(ErrorCode.INVALID_TRANSACTION_TIMEOUT)


def test_a_producer_that_lost_track_goes_on_with_the_next_epoch() -> None:
    ledger = Ledger()
    first = ledger.init().producer
    assert ledger.init(first).producer == Identity(FIRST_ID, 1)


def test_the_same_claim_again_gets_the_same_epoch() -> None:
    ledger = Ledger()
    first = ledger.init().producer
    assert ledger.init(first) == ledger.init(first)


def test_a_claim_is_refused_once_another_producer_came() -> None:
    ledger = Ledger()
    first = ledger.init().producer
    ledger.init()
    assert ledger.init(first) == FENCED
    assert ledger.init(Identity(5, 0)) == FENCED


@versions
def test_a_new_producer_aborts_what_is_open_and_has_to_come_again(version: int) -> None:
    ledger = Ledger(version=version)
    first = ledger.init().producer
    ledger.add(first)
    assert ledger.init() == BUSY
    assert ledger.state.status is TxnStatus.PREPARE_ABORT
    assert ledger.init() == BUSY
    ledger.complete()
    assert ledger.init().producer.epoch > first.epoch + 1
    assert ledger.end(first).code == ErrorCode.PRODUCER_FENCED


def test_with_its_epochs_used_up_an_id_gets_a_new_producer_id() -> None:
    ledger = Ledger()
    worn = ledger.wear_out()
    fresh = ledger.init(worn).producer
    assert fresh == Identity(FIRST_ID + 1, 0)
    assert ledger.init(worn).producer == fresh, "the same request again"
    assert ledger.add(worn) == ErrorCode.INVALID_PRODUCER_ID_MAPPING


def test_without_a_producer_id_at_hand_the_client_comes_again() -> None:
    ledger = Ledger()
    assert ledger.init(has_id=False) == BUSY
    worn = ledger.wear_out()
    assert ledger.init(worn, has_id=False) == BUSY
    ledger.add(worn)
    assert ledger.end(worn, has_id=False) == BUSY


# --- partitions


def test_partitions_gather_in_a_transaction_that_the_first_begins() -> None:
    ledger = Ledger()
    producer = ledger.init().producer
    ledger.now_ms = 10
    assert ledger.add(producer, 0) == OK
    began_ms = ledger.wall_ms
    ledger.now_ms = 20
    assert ledger.add(producer, 1, 2) == OK
    assert ledger.state.partitions == {("t", 0), ("t", 1), ("t", 2)}
    assert ledger.state.started_ms == began_ms


def test_partitions_that_are_there_write_nothing() -> None:
    ledger = Ledger()
    producer = ledger.init().producer
    ledger.add(producer, 0, 1)
    before = len(ledger.records)
    assert ledger.add(producer, 1) == OK
    assert len(ledger.records) == before


def test_strangers_add_nothing() -> None:
    ledger = Ledger()
    assert ledger.add(Identity(1, 0)) == ErrorCode.INVALID_PRODUCER_ID_MAPPING
    producer = ledger.init().producer
    assert ledger.add(Identity(1, 0)) == ErrorCode.INVALID_PRODUCER_ID_MAPPING
    assert ledger.add(Identity(producer.producer_id, 7)) == ErrorCode.PRODUCER_FENCED


@versions
def test_nothing_is_added_while_markers_are_written(version: int) -> None:
    ledger = Ledger(version=version)
    producer = ledger.init().producer
    ledger.add(producer)
    producer = ledger.end(producer).producer
    assert ledger.add(producer, 1) == ErrorCode.CONCURRENT_TRANSACTIONS
    ledger.complete()
    assert ledger.add(producer, 1) == OK


def test_only_what_was_added_is_held() -> None:
    ledger = Ledger()
    producer = ledger.init().producer
    holds = ledger.transaction.holds
    assert holds(producer, ("t", 0)) == ErrorCode.INVALID_TXN_STATE
    ledger.add(producer, 0)
    assert holds(producer, ("t", 0)) == OK
    assert holds(producer, ("t", 1)) == ErrorCode.INVALID_TXN_STATE
    assert holds(Identity(producer.producer_id, 9), ("t", 0)) == ErrorCode.PRODUCER_FENCED
    producer = ledger.end(producer).producer
    assert holds(producer, ("t", 0)) == ErrorCode.CONCURRENT_TRANSACTIONS


# --- EndTxn, version 1: the epoch stays


@pytest.mark.parametrize("commit", [True, False])
def test_v1_an_end_is_decided_then_marked_then_complete(commit: bool) -> None:
    ledger = Ledger(version=V1_CLIENT)
    producer = ledger.init().producer
    ledger.add(producer)
    assert ledger.end(producer, commit=commit) == Answered(OK, producer)
    assert ledger.end(producer, commit=commit) == BUSY, "never an empty success"
    assert ledger.end(producer, commit=not commit).code == ErrorCode.INVALID_TXN_STATE
    (marker,) = ledger.markers
    assert marker.state.partitions == {("t", 0)}
    ledger.complete()
    assert ledger.end(producer, commit=commit).code == OK
    assert ledger.end(producer, commit=not commit).code == ErrorCode.INVALID_TXN_STATE
    assert ledger.state.partitions == frozenset()


def test_v1_nothing_ends_that_never_began() -> None:
    ledger = Ledger(version=V1_CLIENT)
    producer = ledger.init().producer
    assert ledger.end(producer).code == ErrorCode.INVALID_TXN_STATE
    assert ledger.end(producer, commit=False).code == ErrorCode.INVALID_TXN_STATE


# --- EndTxn, version 2: the epoch rises with each transaction


@pytest.mark.parametrize("commit", [True, False])
def test_v2_an_end_gives_out_the_next_epoch_once(commit: bool) -> None:
    ledger = Ledger()
    producer = ledger.init().producer
    ledger.add(producer)
    after = ledger.end(producer, commit=commit).producer
    assert after == Identity(producer.producer_id, producer.epoch + 1)
    assert ledger.markers[0].state.epoch == after.epoch, "markers fence what comes late"
    assert ledger.end(producer, commit=commit) == BUSY
    ledger.complete()
    assert ledger.end(producer, commit=commit) == Answered(OK, after), "the answer was lost"
    assert ledger.end(producer, commit=not commit).code == ErrorCode.INVALID_TXN_STATE


def test_v2_a_delayed_end_does_not_end_the_next_transaction() -> None:
    """KAFKA-17754: over another connection, when the next one is open already."""
    ledger = Ledger()
    first = ledger.init().producer
    ledger.add(first)
    second = ledger.end(first).producer
    ledger.complete()
    ledger.add(second)
    assert ledger.end(first) == FENCED
    assert ledger.state.status is TxnStatus.ONGOING


def test_v2_who_ends_the_next_transaction_before_this_one_is_complete_waits() -> None:
    """Its epoch came with the answer to the end: it is the newest producer, not a fenced one."""
    ledger = Ledger()
    first = ledger.init().producer
    ledger.add(first)
    second = ledger.end(first).producer
    assert ledger.end(second, commit=False) == BUSY
    assert ledger.end(Identity(second.producer_id, second.epoch + 1)) == FENCED
    ledger.complete()
    third = ledger.end(second, commit=False)
    assert (third.code, third.producer.epoch) == (OK, second.epoch + 1)


def test_v2_an_abort_of_nothing_raises_the_epoch_all_the_same() -> None:
    ledger = Ledger()
    producer = ledger.init().producer
    assert ledger.end(producer).code == ErrorCode.INVALID_TXN_STATE
    after = ledger.end(producer, commit=False).producer
    assert after.epoch == producer.epoch + 1
    ledger.complete()
    assert ledger.state.status is TxnStatus.COMPLETE_ABORT
    again = ledger.end(after, commit=False).producer
    assert again.epoch == after.epoch + 1


def test_v2_the_last_epoch_hands_over_to_a_new_producer_id() -> None:
    ledger = Ledger()
    worn = ledger.wear_out()
    ledger.add(worn)
    fresh = ledger.end(worn).producer
    assert fresh == Identity(FIRST_ID + 1, 0)
    assert ledger.markers[0].state.epoch == 32_767, "in the partitions the old id is fenced"
    assert ledger.markers[0].state.producer_id == worn.producer_id
    ledger.complete()
    assert (ledger.state.producer_id, ledger.state.epoch) == fresh
    assert ledger.end(worn) == Answered(OK, fresh), "the answer was lost"
    assert ledger.add(fresh) == OK


def test_v2_nobody_is_given_the_epoch_that_is_for_fencing() -> None:
    ledger = Ledger()
    worn = ledger.wear_out()
    ledger.add(worn)
    ledger.pass_time(60_000)
    ledger.complete()
    assert ledger.state.epoch == 32_767
    assert ledger.end(worn, commit=False, has_id=False) == FENCED
    assert ledger.init().producer == Identity(FIRST_ID + 1, 0)


# --- time


@versions
def test_a_transaction_that_takes_too_long_is_aborted_and_its_producer_fenced(version: int) -> None:
    ledger = Ledger(version=version)
    producer = ledger.init(timeout_ms=1_000).producer
    ledger.add(producer, 0)
    ledger.pass_time(999)
    ledger.add(producer, 1)
    assert ledger.state.status is TxnStatus.ONGOING
    ledger.pass_time(1)
    assert ledger.state.status is TxnStatus.PREPARE_ABORT
    assert ledger.markers[0].state.epoch == producer.epoch + 1
    assert ledger.end(producer).code != OK, "never a success for what was aborted"
    assert ledger.add(producer) == ErrorCode.PRODUCER_FENCED
    ledger.complete()
    assert ledger.end(producer).code != OK
    assert ledger.state.status is TxnStatus.COMPLETE_ABORT


def test_an_id_that_is_idle_for_long_is_forgotten() -> None:
    ledger = Ledger()
    producer = ledger.init().producer
    ledger.pass_time(604_799_999)
    assert ledger.transaction.state is not None
    ledger.pass_time(1)
    assert ledger.records[-1].value is None
    assert ledger.transaction.state is None
    assert ledger.add(producer) == ErrorCode.INVALID_PRODUCER_ID_MAPPING


def test_an_expiry_that_comes_too_soon_does_nothing() -> None:
    ledger = Ledger()
    ledger.init()
    assert ledger.transaction.expire(5, 5).records == []


# --- restarts


@pytest.mark.parametrize("commit", [True, False])
def test_what_was_decided_is_completed_after_a_restart(commit: bool) -> None:
    ledger = Ledger()
    producer = ledger.init().producer
    ledger.add(producer)
    after = ledger.end(producer, commit=commit).producer
    ledger.restart()
    assert len(ledger.markers) == 1
    ledger.complete()
    complete = TxnStatus.COMPLETE_COMMIT if commit else TxnStatus.COMPLETE_ABORT
    assert ledger.state.status is complete
    assert ledger.end(producer, commit=commit) == Answered(OK, after)


def test_a_transaction_outlives_a_restart_but_not_its_time() -> None:
    ledger = Ledger()
    producer = ledger.init(timeout_ms=1_000).producer
    ledger.add(producer)
    ledger.pass_time(400)
    ledger.restart(after_ms=300)
    assert ledger.add(producer, 1) == OK
    assert ledger.transaction.next_deadline_ms() == 1_000
    ledger.restart(after_ms=5_000)
    ledger.pass_time(0)
    assert ledger.state.status is TxnStatus.PREPARE_ABORT


def test_an_idle_id_is_not_remembered_longer_for_a_restart() -> None:
    ledger = Ledger()
    ledger.init()
    ledger.restart(after_ms=604_800_000)
    ledger.pass_time(0)
    assert ledger.transaction.state is None


def test_markers_of_an_end_that_is_over_complete_nothing() -> None:
    ledger = Ledger()
    producer = ledger.init().producer
    ledger.add(producer)
    after = ledger.end(producer).producer
    (late,) = ledger.markers
    ledger.complete()
    ledger.add(after)
    assert ledger.transaction.markers_written(late.state, ledger.wall_ms).records == []


def test_a_transactional_id_waits_for_nobody() -> None:
    ledger = Ledger()
    assert ledger.transaction.is_blank
    ledger.init(NOBODY)
    assert not ledger.transaction.is_blank
    assert ledger.transaction.abandoned(ErrorCode.NOT_COORDINATOR).replies == []

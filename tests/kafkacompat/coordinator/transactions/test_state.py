"""A transactional id's state, as a value and as a record."""

import pytest

from kafkacompat.coordinator.transactions.state import (
    LEGAL_MOVES,
    TxnState,
    TxnStatus,
    read_state,
)

OPEN = TxnState(
    producer_id=7,
    epoch=3,
    timeout_ms=60_000,
    status=TxnStatus.ONGOING,
    partitions=frozenset({("t", 1), ("t", 0), ("a", 5)}),
    previous_producer_id=7,
    started_ms=10,
    updated_ms=20,
    client_version=2,
)


def test_a_record_says_all_of_a_state() -> None:
    write = OPEN.write("x")
    assert write.key.transactional_id == "x"
    assert [(t.topic, t.partition_ids) for t in write.value.transaction_partitions] == [
        ("a", [5]),
        ("t", [0, 1]),
    ]
    assert read_state(write.value) == OPEN


def test_an_empty_state_has_null_partitions_as_in_kafka() -> None:
    assert TxnState(1, 0, 1).write("x").value.transaction_partitions is None
    assert OPEN.move(TxnStatus.PREPARE_COMMIT, 30).write("x").value.transaction_partitions


def test_states_change_along_the_table_only() -> None:
    ended = OPEN.move(TxnStatus.PREPARE_COMMIT, 30)
    assert (ended.status, ended.updated_ms) == (TxnStatus.PREPARE_COMMIT, 30)
    with pytest.raises(AssertionError, match="PrepareCommit -> CompleteAbort"):
        ended.move(TxnStatus.COMPLETE_ABORT, 40)


def test_every_state_has_its_row_and_its_name() -> None:
    assert set(LEGAL_MOVES) == set(TxnStatus)
    assert [status.title for status in TxnStatus] == [
        "Empty",
        "Ongoing",
        "PrepareCommit",
        "PrepareAbort",
        "CompleteCommit",
        "CompleteAbort",
        "Dead",
        "PrepareEpochFence",
    ]


def test_an_unknown_status_is_refused() -> None:
    value = OPEN.write("x").value
    value.transaction_status = 9
    with pytest.raises(ValueError, match="9"):
        read_state(value)

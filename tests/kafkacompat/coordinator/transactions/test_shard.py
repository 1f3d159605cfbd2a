"""Transactional ids come from records, whether loaded or new."""

from tests.support.transactions import Ledger


def test_an_id_is_kept_with_its_first_record_and_gone_with_its_tombstone() -> None:
    ledger = Ledger()
    assert ledger.transaction is not ledger.transaction
    ledger.init()
    assert list(ledger.shard.transactions) == ["x"]
    gone = ledger.transaction.tombstone()
    assert ledger.shard.written(gone.key, gone.value, 9, 0)
    assert ledger.shard.transactions == {}


def test_a_record_that_makes_no_sense_changes_nothing() -> None:
    ledger = Ledger()
    ledger.init()
    write = ledger.state.write("x")
    write.value.transaction_status = 9
    before = ledger.state
    ledger.shard.load(write.key, write.value, 1, 0)
    assert ledger.state == before

"""Anomalies that other brokers have shipped, each by its name, against a whole node.

Those about one module are with it:

    an old epoch's abort aborting the new one          coordinator/transactions/test_markers.py
    EndTxn delayed on another connection (KAFKA-17754) coordinator/transactions/test_transaction.py
    late Produce leaving a hanging transaction         handlers/test_produce_transactions.py
    marker retry (KAFKA-19999), open transaction
    forgotten over a crash (Redpanda #6018)            coordinator/transactions/test_coordinator.py
    epoch exhaustion, EndTxn during completion,
    a fake success for what timed out                  coordinator/transactions/test_transaction.py
    stuck clients after faults end                     tests/simulation
"""

from pathlib import Path

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.init_producer_id import InitProducerIdRequest
from kafkacompat_protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestTopic
from tests.support.node import RunningNode, running_node
from tests.support.produced import batch, fetch, produce
from tests.support.transactions_on_the_wire import WireProducer, committed_values

OS = {"kafkacompat.durability": "os"}


def idempotent(broker: RunningNode) -> dict[str, int]:
    told = broker.call(InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=0), 3)
    return {"producer_id": told.producer_id, "producer_epoch": told.producer_epoch}


def test_a_retry_after_a_crash_between_append_and_answer_is_no_duplicate(tmp_path: Path) -> None:
    """Redpanda #3039."""
    on_disk = OS | {"log.dirs": str(tmp_path / "data")}
    with running_node(on_disk) as broker:
        broker.create_topic("t")
        who = idempotent(broker)
        first = produce(broker, batch(b"a", base_sequence=0, **who))
        assert first.base_offset == 0
        lost = batch(b"b", base_sequence=1, **who)
        assert produce(broker, lost).base_offset == 1
    with running_node(on_disk) as broker:
        again = produce(broker, lost)
        assert (again.error_code, again.base_offset) == (0, 1)
        assert fetch(broker).high_watermark == 2


def test_a_retry_is_known_though_the_segment_that_held_it_is_gone(tmp_path: Path) -> None:
    """Redpanda #5355."""
    on_disk = OS | {"log.dirs": str(tmp_path / "data")}
    with running_node(on_disk) as broker:
        broker.create_topic("t")
        who = idempotent(broker)
        kept = batch(b"a", base_sequence=0, **who)
        assert produce(broker, kept).base_offset == 0

        def evict() -> None:
            log = broker.node.partitions.find("t", 0).log
            log.roll(broker.node.clock.wall_ms())
            log.advance_log_start(1)

        broker.run(evict)
        assert produce(broker, kept).base_offset == 0
    with running_node(on_disk) as broker:
        again = produce(broker, kept)
        assert (again.error_code, again.base_offset) == (0, 0)
        assert fetch(broker, 1).high_watermark == 1


def test_a_sequence_used_again_after_an_abort_is_not_answered_with_what_was_aborted() -> None:
    with running_node() as broker:
        broker.create_topic("t")
        producer = WireProducer(broker, is_v2=False)
        producer.init()
        producer.add(0)
        assert producer.send(b"aborted").error_code == 0
        assert producer.end(commit=False) == 0
        log = broker.node.partitions.find("t", 0).log
        broker.wait_until(lambda: log.last_stable_offset == 2)
        while producer.add(0) == ErrorCode.CONCURRENT_TRANSACTIONS:
            pass
        producer.sequences.clear()
        told = producer.send(b"again")
        assert told.error_code == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
        producer.sequences[0] = 1
        assert producer.send(b"goes on").base_offset == 2


@pytest.mark.parametrize("is_v2", [False, True])
def test_an_aborted_record_is_not_read_where_its_transaction_meets_the_next(is_v2: bool) -> None:
    """Redpanda #3036: a last stable offset that is off by one."""
    with running_node() as broker:
        broker.create_topic("t")
        first = WireProducer(broker, "first", is_v2=is_v2)
        second = WireProducer(broker, "second", is_v2=is_v2)
        for producer in (first, second):
            producer.init()
            if not is_v2:
                producer.add(0)
        first.send(b"a0")
        second.send(b"b0")
        log = broker.node.partitions.find("t", 0).log
        assert first.end(commit=False) == 0
        broker.wait_until(lambda: log.end_offset == 3)
        assert log.last_stable_offset == 1, "the second one's begin, not its neighbour"
        assert committed_values(broker) == []
        assert fetch(broker, isolation_level=1).last_stable_offset == 1
        assert second.end() == 0
        broker.wait_until(lambda: log.last_stable_offset == 4)
        assert committed_values(broker) == [b"b0"]


def test_aborted_transactions_are_told_of_only_where_they_are_read() -> None:
    with running_node() as broker:
        broker.create_topic("t")
        producer = WireProducer(broker)
        producer.init()
        log = broker.run(lambda: broker.node.partitions.find("t", 0).log)
        for number in range(3):
            while producer.send(b"x" * 100).error_code:
                pass
            assert producer.end_until_done(commit=False) == 0
            broker.wait_until(lambda end=2 * number + 2: log.last_stable_offset == end)
        first = fetch(broker, isolation_level=1, partition_max_bytes=1)
        assert [entry.first_offset for entry in first.aborted_transactions] == [0]
        rest = fetch(broker, 4, isolation_level=1)
        assert [entry.first_offset for entry in rest.aborted_transactions] == [4]


def test_a_produce_answer_has_an_offset_or_an_error_never_a_spurious_0() -> None:
    """Bufstream: offset 0 in the answer to a batch that is elsewhere."""
    with running_node() as broker:
        broker.create_topic("t")
        producer = WireProducer(broker)
        producer.init()
        offsets = []
        for _ in range(3):
            told = producer.send(b"x")
            while told.error_code == ErrorCode.NOT_ENOUGH_REPLICAS:
                told = producer.send(b"x")
            offsets.append(told.base_offset)
        assert offsets == [0, 1, 2]
        producer.epoch -= 1
        refused = producer.send(b"x")
        assert (refused.error_code, refused.base_offset) == (
            ErrorCode.INVALID_PRODUCER_EPOCH,
            -1,
        )


def test_an_offset_whose_commit_is_decided_is_never_read_as_the_old_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A commit that is answered, and then the old offset: UNSTABLE_OFFSET_COMMIT instead."""
    with running_node() as broker:
        broker.create_topic("t")
        broker.call(FindCoordinatorRequest(key="g"), 2)
        producer = WireProducer(broker)
        producer.init()
        held: list[object] = []
        perform = broker.node.transactions.perform
        monkeypatch.setattr(broker.node.transactions, "perform", lambda *e: held.append(e))
        assert producer.commit_offset("g", 7) == 0
        assert producer.end() == 0

        def committed() -> tuple[int, int]:
            topic = OffsetFetchRequestTopic(name="t", partition_indexes=[0])
            request = OffsetFetchRequest(group_id="g", topics=[topic], require_stable=True)
            found = broker.call(request, 7).topics[0].partitions[0]
            return found.error_code, found.committed_offset

        assert committed() == (ErrorCode.UNSTABLE_OFFSET_COMMIT, -1)
        broker.run(lambda: perform(*held[0]))  # type: ignore[misc]
        shard = broker.run(lambda: broker.node.groups.shard("g"))
        broker.wait_until(lambda: not list(shard.offsets.pending))
        assert committed() == (0, 7)

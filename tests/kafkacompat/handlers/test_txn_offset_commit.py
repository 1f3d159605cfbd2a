"""TxnOffsetCommit over the wire: offsets count with the transaction, not before."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kafkacompat.coordinator.transactions import markers
from kafkacompat.handlers import txn_offset_commit
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestTopic
from tests.support.groups_on_the_wire import enter
from tests.support.node import RunningNode
from tests.support.transactions_on_the_wire import WireProducer


def committed(broker: RunningNode, group: str, *, stable: bool = False) -> tuple[int, int]:
    """Return the error code and offset of partition 0."""
    topic = OffsetFetchRequestTopic(name="t", partition_indexes=[0])
    request = OffsetFetchRequest(group_id=group, topics=[topic], require_stable=stable)
    told = broker.call(request, 7).topics[0].partitions[0]
    return told.error_code, told.committed_offset


def begun(broker: RunningNode, name: str, **how: Any) -> WireProducer:
    if broker.run(lambda: "t" not in broker.node.image.topics):
        broker.create_topic("t")
    broker.call(FindCoordinatorRequest(key=name), 2)
    producer = WireProducer(broker, name, **how)
    assert producer.init() == 0
    return producer


@pytest.mark.parametrize("version", range(6))
def test_an_offset_counts_once_its_transaction_is_committed(
    broker: RunningNode, version: int
) -> None:
    group = f"group-{version}"
    producer = begun(broker, group, is_v2=version >= 5)
    if version < 5:
        assert producer.add_offsets(group) == 0
    assert producer.commit_offset(group, 7, version) == 0
    assert committed(broker, group) == (0, -1)
    assert committed(broker, group, stable=True) == (ErrorCode.UNSTABLE_OFFSET_COMMIT, -1)
    assert producer.end() == 0
    shard = broker.run(lambda: broker.node.groups.shard(group))
    broker.wait_until(lambda: not list(shard.offsets.pending))
    assert committed(broker, group, stable=True) == (0, 7)


def test_an_offset_of_an_aborted_transaction_never_counts(broker: RunningNode) -> None:
    producer = begun(broker, "aborts")
    assert producer.commit_offset("aborts", 7) == 0
    assert producer.end(commit=False) == 0
    shard = broker.run(lambda: broker.node.groups.shard("aborts"))
    broker.wait_until(lambda: not list(shard.offsets.pending))
    assert committed(broker, "aborts", stable=True) == (0, -1)


@pytest.mark.parametrize(
    ("version", "code"), [(3, ErrorCode.INVALID_TXN_STATE), (4, ErrorCode.TRANSACTION_ABORTABLE)]
)
def test_a_group_that_was_not_added_is_refused(
    broker: RunningNode, version: int, code: ErrorCode
) -> None:
    producer = begun(broker, f"not-added-{version}", is_v2=False)
    assert producer.commit_offset(producer.name, 1, version) == code


def test_a_fenced_producer_commits_no_offsets(broker: RunningNode) -> None:
    zombie = begun(broker, "fenced")
    WireProducer(broker, "fenced").init()
    assert zombie.commit_offset("fenced", 1) == ErrorCode.INVALID_PRODUCER_EPOCH


def test_only_members_of_the_generation_commit(broker: RunningNode) -> None:
    producer = begun(broker, "members")
    member_id, generation = enter(broker, "members")
    commit = producer.commit_offset
    member = {"member_id": member_id, "generation_id": generation}
    assert commit("members", 1, **(member | {"generation_id": 99})) == ErrorCode.ILLEGAL_GENERATION
    assert commit("members", 1, **(member | {"member_id": "x"})) == ErrorCode.UNKNOWN_MEMBER_ID
    assert commit("members", 1, **member) == 0


def test_what_cannot_be_committed_is_told_per_partition(broker: RunningNode) -> None:
    producer = begun(broker, "partial")
    producer.topic = "nowhere"
    assert producer.commit_offset("partial", 1) == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_offsets_wait_for_the_end_of_the_transaction_before_but_not_for_long(
    broker: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    producer = begun(broker, "waits")
    assert producer.send(b"x").error_code == 0
    with monkeypatch.context() as held:

        def unwritable(*arguments: object) -> None:
            raise KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER)

        held.setattr(markers, "stage_marker", unwritable)
        assert producer.end() == 0  # The markers are tried again and again.
        held.setattr(txn_offset_commit, "LONGEST_WAIT_MS", 0)
        assert producer.commit_offset("waits", 6) == ErrorCode.CONCURRENT_TRANSACTIONS
        held.setattr(txn_offset_commit, "LONGEST_WAIT_MS", 60_000)
        with ThreadPoolExecutor() as threads:
            told = threads.submit(producer.commit_offset, "waits", 7)
            broker.wait_until(lambda: "waits" in broker.node.transactions._on_complete)
            held.undo()
            assert told.result(20) == 0
    assert producer.end() == 0
    broker.wait_until(lambda: not broker.node.transactions.is_ending("waits"))
    assert committed(broker, "waits", stable=True) == (0, 7)

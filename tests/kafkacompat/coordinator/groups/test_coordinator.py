"""The coordinator of groups: where they live, and that nothing is lost by a restart."""

from pathlib import Path

import pytest

from kafkacompat.coordinator import runtime
from kafkacompat.coordinator.groups.coordinator import new_member_id
from kafkacompat.metadata.internal_topics import OFFSETS_TOPIC
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.delete_groups import DeleteGroupsRequest
from kafkacompat_protocol.messages.delete_topics import DeleteTopicsRequest
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kafkacompat_protocol.messages.list_groups import ListGroupsRequest
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafkacompat_protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestTopic,
)
from kafkacompat_protocol.messages.sync_group import SyncGroupRequest
from tests.support.clock import FakeClock
from tests.support.groups_on_the_wire import enter, join_request
from tests.support.node import RunningNode, running_node


def test_member_ids_begin_with_the_client_and_differ() -> None:
    assert new_member_id("c").startswith("c-")
    assert new_member_id("c") != new_member_id("c")


def commit(broker: RunningNode, offset: int) -> int:
    part = OffsetCommitRequestPartition(
        partition_index=0, committed_offset=offset, committed_metadata="note"
    )
    request = OffsetCommitRequest(
        group_id="g", topics=[OffsetCommitRequestTopic(name="t", partitions=[part])]
    )
    code: int = broker.call(request, 7).topics[0].partitions[0].error_code
    return code


def committed(broker: RunningNode) -> tuple[int, str]:
    wanted = OffsetFetchRequestTopic(name="t", partition_indexes=[0])
    answer = broker.call(OffsetFetchRequest(group_id="g", topics=[wanted]), 5)
    found = answer.topics[0].partitions[0]
    return found.committed_offset, found.metadata


def test_committed_offsets_are_there_after_a_restart(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "fsync"}
    with running_node(on_disk) as broker:
        broker.create_topic("t")
        broker.call(FindCoordinatorRequest(key="g"), 2)
        assert commit(broker, 5) == commit(broker, 7) == 0
    with running_node(on_disk) as broker:
        assert committed(broker) == (7, "note")


def test_without_its_topic_there_is_no_coordinator() -> None:
    with running_node() as broker:
        broker.create_topic("t")
        assert commit(broker, 1) == ErrorCode.COORDINATOR_NOT_AVAILABLE


def test_a_members_session_ends_by_the_nodes_clock() -> None:
    clock = FakeClock()
    with running_node(clock=clock) as broker:
        broker.call(FindCoordinatorRequest(key="g"), 2)
        request = JoinGroupRequest(
            group_id="g",
            session_timeout_ms=10_000,
            rebalance_timeout_ms=20_000,
            member_id="",
            protocol_type="consumer",
            protocols=[JoinGroupRequestProtocol(name="range", metadata=b"")],
        )
        assert broker.call(request, 3).generation_id == 1
        shard = broker.run(lambda: broker.node.groups.shard("g"))
        assert len(shard.groups["g"].members) == 1
        broker.run(lambda: clock.advance(10_000))
        assert shard.groups["g"].members == {}


NOT_WRITTEN = KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, "no space left")


def refuse(*args: object, **how: object) -> None:
    raise NOT_WRITTEN


def test_an_assignment_that_cannot_be_written_is_refused_and_all_join_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running_node() as broker:
        broker.call(FindCoordinatorRequest(key="g"), 2)
        joined = broker.call(join_request("g"), 3)
        request = SyncGroupRequest(
            group_id="g",
            generation_id=joined.generation_id,
            member_id=joined.member_id,
            assignments=[],
        )
        monkeypatch.setattr(broker.node.journal, "append", refuse)
        assert broker.call(request, 2).error_code == ErrorCode.COORDINATOR_NOT_AVAILABLE
        monkeypatch.undo()
        again = broker.call(join_request("g", joined.member_id), 3)
        assert (again.error_code, again.generation_id) == (0, joined.generation_id + 1)


def test_a_commit_that_cannot_be_written_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running_node() as broker:
        broker.create_topic("t")
        broker.call(FindCoordinatorRequest(key="g"), 2)
        assert commit(broker, 5) == 0
        monkeypatch.setattr(broker.node.journal, "append", refuse)
        assert commit(broker, 6) == ErrorCode.COORDINATOR_NOT_AVAILABLE
        monkeypatch.undo()
        assert committed(broker)[0] == 5
        assert commit(broker, 7) == 0


def test_what_of_a_large_commit_was_written_counts_though_the_rest_was_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running_node() as broker:
        broker.create_topic("t", 2)
        broker.call(FindCoordinatorRequest(key="g"), 2)
        journal = broker.node.journal
        append, calls = journal.append, []

        def only_once(*args: object, **how: object) -> object:
            calls.append(args)
            return append(*args, **how) if len(calls) == 1 else refuse()  # type: ignore[arg-type]

        monkeypatch.setattr(runtime, "MAX_BATCH_BYTES", 1)
        monkeypatch.setattr(journal, "append", only_once)
        parts = [
            OffsetCommitRequestPartition(
                partition_index=index, committed_offset=9, committed_metadata=""
            )
            for index in range(2)
        ]
        topic = OffsetCommitRequestTopic(name="t", partitions=parts)
        answer = broker.call(OffsetCommitRequest(group_id="g", topics=[topic]), 7)
        codes = {part.error_code for part in answer.topics[0].partitions}
        assert codes == {ErrorCode.COORDINATOR_NOT_AVAILABLE}
        monkeypatch.undo()
        assert committed(broker)[0] == 9, "as it will be after a restart"


def delete_topic(broker: RunningNode, name: str) -> None:
    answer = broker.call(DeleteTopicsRequest(topic_names=[name]), 1)
    assert answer.responses[0].error_code == 0


@pytest.mark.parametrize("recreated_first", [False, True])
def test_offsets_of_a_deleted_topic_do_not_come_back_with_a_new_one(
    tmp_path: Path, recreated_first: bool
) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk) as broker:
        broker.create_topic("t")
        broker.call(FindCoordinatorRequest(key="g"), 2)
        assert commit(broker, 5) == 0
    with running_node(on_disk) as broker:
        delete_topic(broker, "t")  # no shard is loaded
        if recreated_first:
            broker.create_topic("t")
        else:
            assert committed(broker)[0] == -1
    with running_node(on_disk) as broker:
        if not recreated_first:
            broker.create_topic("t")
        assert committed(broker)[0] == -1


def test_a_commit_on_its_way_goes_with_its_topic_and_its_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running_node() as broker:
        broker.create_topic("t")
        broker.call(FindCoordinatorRequest(key="g"), 2)
        for delete in ("topic", "group"):
            assert commit(broker, 1) == 0
            journal, held = broker.node.journal, []
            when_durable = journal.when_durable

            def hold(
                about: object, tell: object, held: list[object] = held, late: object = when_durable
            ) -> None:
                first = not held
                held.append(tell)
                if not first:
                    late(about, tell)  # type: ignore[operator]

            client = broker.client()
            monkeypatch.setattr(journal, "when_durable", hold)
            part = OffsetCommitRequestPartition(
                partition_index=0, committed_offset=2, committed_metadata=""
            )
            topic = OffsetCommitRequestTopic(name="t", partitions=[part])
            client.send(OffsetCommitRequest(group_id="g", topics=[topic]), 7)
            broker.wait_until(lambda held=held: bool(held))
            shard = broker.run(lambda: broker.node.groups.shard("g"))
            if delete == "topic":
                gone = broker.run(lambda shard=shard: shard.offsets.of_topic("t"))
            else:
                gone = broker.run(lambda shard=shard: shard.offsets.of_group("g"))
            monkeypatch.undo()
            broker.run(lambda held=held: held[0](None))
            client.receive(8, 7)
            assert len(gone) == 1
            assert broker.run(lambda shard=shard: shard.offsets._begun) == {}


def test_a_group_that_nobody_got_into_leaves_nothing_behind() -> None:
    clock = FakeClock()
    with running_node(clock=clock) as broker:
        broker.call(FindCoordinatorRequest(key="g"), 2)
        bad = join_request("bad")
        bad.session_timeout_ms = 1
        assert broker.call(bad, 3).error_code == ErrorCode.INVALID_SESSION_TIMEOUT
        unknown = join_request("unknown", "nobody")
        assert broker.call(unknown, 3).error_code == ErrorCode.UNKNOWN_MEMBER_ID
        assert broker.call(join_request("slow"), 4).error_code == ErrorCode.MEMBER_ID_REQUIRED
        listed = broker.call(ListGroupsRequest(), 4).groups
        assert [group.group_id for group in listed] == ["slow"]
        shards = broker.run(lambda: list(broker.node.groups._shards.values()))
        assert {name for shard in shards for name in shard.groups} == {"slow"}
        broker.run(lambda: clock.advance(10_000))
        assert not any(shard.groups for shard in shards)


def test_waiting_members_are_told_when_the_node_stops_or_the_topic_goes() -> None:
    with running_node() as broker:
        member_id, _ = enter(broker, "g")
        client = broker.client()
        client.send(join_request("g"), 3)  # the first member has to join again
        shard = broker.run(lambda: broker.node.groups.shard("g"))
        broker.wait_until(lambda: shard.groups["g"].state.value == "PreparingRebalance")
        delete_topic(broker, OFFSETS_TOPIC)
        assert client.receive(11, 3).error_code == ErrorCode.NOT_COORDINATOR
        assert enter(broker, "g")[0] != member_id, "the coordinator begins anew"


def test_a_shard_that_cannot_be_read_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk) as broker:
        broker.create_topic("t")
        broker.call(FindCoordinatorRequest(key="g"), 2)
        commit(broker, 5)
    for at_once in (True, False):
        with running_node(on_disk) as broker:
            find = broker.node.partitions.find
            log = broker.run(lambda find=find: find(OFFSETS_TOPIC, runtime.java_hash("g") % 4).log)
            if not at_once:
                monkeypatch.setattr(runtime, "LOAD_AT_ONCE_BYTES", 0)
            monkeypatch.setattr(log, "read", refuse)
            assert commit(broker, 6) == (
                ErrorCode.COORDINATOR_NOT_AVAILABLE
                if at_once
                else ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
            )
            broker.wait_until(lambda broker=broker: not broker.node.groups._shards)
            monkeypatch.undo()
            assert commit(broker, 5) == 0


def test_deleting_a_group_is_durable_whatever_its_state() -> None:
    with running_node() as broker:
        broker.create_topic("t")
        broker.call(FindCoordinatorRequest(key="g"), 2)
        assert commit(broker, 5) == 0
        answer = broker.call(DeleteGroupsRequest(groups_names=["g", "nobody"]), 1)
        assert [result.error_code for result in answer.results] == [0, 69]
        assert committed(broker)[0] == -1

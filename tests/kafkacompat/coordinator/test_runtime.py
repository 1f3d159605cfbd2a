"""The shell of the group machines: where groups live, and that nothing is lost by a restart."""

from pathlib import Path

import pytest

from kafkacompat.coordinator.runtime import java_hash, new_member_id
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafkacompat_protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestTopic,
)
from tests.support.clock import FakeClock
from tests.support.node import RunningNode, running_node


@pytest.mark.parametrize(
    ("text", "hashed"),
    [("", 0), ("a", 97), ("console-consumer-1", 35_782_224), ("grüppe", 1_233_264_812)],
)
def test_groups_are_spread_by_javas_hash(text: str, hashed: int) -> None:
    assert java_hash(text) == hashed


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

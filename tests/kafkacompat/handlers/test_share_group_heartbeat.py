"""ShareGroupHeartbeat over the wire."""

from pathlib import Path

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafkacompat_protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestGroup
from kafkacompat_protocol.messages.share_group_heartbeat import ShareGroupHeartbeatRequest
from tests.support.groups_on_the_wire import enter, join_request, share_heartbeat
from tests.support.node import RunningNode, running_node
from tests.support.sharing import configure_group


def test_a_member_joins_stays_and_leaves() -> None:
    with running_node() as broker:
        topic_id = broker.create_topic("t", 2)

        joined = share_heartbeat(broker, "g", 0)
        stayed = share_heartbeat(broker, "g", joined.member_epoch)
        left = share_heartbeat(broker, "g", -1)

    assert joined.assignment is not None
    found = [(each.topic_id, each.partitions) for each in joined.assignment.topic_partitions]
    assert found == [(topic_id, [0, 1])]
    assert (joined.error_code, joined.member_epoch, joined.heartbeat_interval_ms) == (0, 1, 5_000)
    assert (stayed.error_code, stayed.member_epoch, stayed.assignment) == (0, 1, None)
    assert (left.error_code, left.member_id, left.member_epoch) == (0, "m", -1)


def test_a_restart_keeps_the_members(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "fsync"}
    with running_node(on_disk) as broker:
        broker.create_topic("t", 2)
        share_heartbeat(broker, "g", 0)
    with running_node(on_disk) as broker:
        again = share_heartbeat(broker, "g", 1)

    assert (again.error_code, again.member_epoch, again.assignment) == (0, 1, None)


def test_a_member_that_leaves_or_is_silent_loses_its_share_session() -> None:
    with running_node() as broker:
        broker.create_topic("t", 2)
        configure_group(broker, "g", share_session_timeout_ms="50")
        gone = broker.run(lambda: _watch(broker))
        share_heartbeat(broker, "g", 0, "silent")
        broker.wait_until(lambda: "silent" in gone)
        share_heartbeat(broker, "h", 0, "leaves")
        share_heartbeat(broker, "h", -1, "leaves")
        broker.wait_until(lambda: "leaves" in gone)

        answer = share_heartbeat(broker, "g", 1, "silent")

    assert answer.error_code == ErrorCode.UNKNOWN_MEMBER_ID


def _watch(broker: RunningNode) -> list[str]:
    gone: list[str] = []

    def member_left(group_id: str, member_id: str) -> None:
        gone.append(member_id)

    broker.node.share.member_left = member_left  # type: ignore[method-assign]
    return gone


def test_a_groups_own_configuration_counts() -> None:
    with running_node({"group.share.max.size": "1"}) as broker:
        configure_group(broker, "g", share_heartbeat_interval_ms="7000")

        assert share_heartbeat(broker, "g", 0).heartbeat_interval_ms == 7_000
        assert share_heartbeat(broker, "h", 0).heartbeat_interval_ms == 5_000
        full = share_heartbeat(broker, "g", 0, "other")
        assert full.error_code == ErrorCode.GROUP_MAX_SIZE_REACHED


def test_a_group_of_another_kind_has_no_share_members() -> None:
    with running_node() as broker:
        enter(broker, "g")

        answer = share_heartbeat(broker, "g", 0)

    assert answer.error_code == ErrorCode.GROUP_ID_NOT_FOUND
    assert answer.error_message == "Group g is not a share group."


def test_a_share_group_takes_no_classic_members_and_no_offsets() -> None:
    with running_node() as broker:
        broker.create_topic("t", 1)
        share_heartbeat(broker, "g", 0)
        commit = OffsetCommitRequest(
            group_id="g",
            topics=[
                OffsetCommitRequestTopic(
                    name="t",
                    partitions=[
                        OffsetCommitRequestPartition(partition_index=0, committed_offset=1)
                    ],
                )
            ],
        )
        fetch = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id="g", topics=None)])

        joined = broker.call(join_request("g"), 3)
        committed = broker.call(commit, 8)
        fetched = broker.call(fetch, 8)

    assert joined.error_code == ErrorCode.INCONSISTENT_GROUP_PROTOCOL
    assert committed.topics[0].partitions[0].error_code == ErrorCode.GROUP_ID_NOT_FOUND
    assert fetched.groups[0].error_code == ErrorCode.GROUP_ID_NOT_FOUND


def test_without_a_group_id_the_request_is_refused() -> None:
    with running_node() as broker:
        broker.call(FindCoordinatorRequest(key="g"), 2)
        request = ShareGroupHeartbeatRequest(group_id="", member_id="m", member_epoch=0)

        answer = broker.call(request, 1)

    assert answer.error_code == ErrorCode.INVALID_REQUEST
    assert answer.error_message == "GroupId can't be empty."


def test_the_group_is_not_there_before_its_topic_is() -> None:
    with running_node() as broker:
        request = ShareGroupHeartbeatRequest(group_id="g", member_id="m", member_epoch=1)

        answer = broker.call(request, 1)

    assert answer.error_code == ErrorCode.COORDINATOR_NOT_AVAILABLE

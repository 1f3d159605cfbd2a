"""ShareGroupDescribe over the wire, and what the other APIs of groups say of share groups."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.delete_groups import DeleteGroupsRequest
from kafkacompat_protocol.messages.describe_groups import DescribeGroupsRequest
from kafkacompat_protocol.messages.list_groups import ListGroupsRequest
from kafkacompat_protocol.messages.share_group_describe import (
    ShareGroupDescribeAssignment,
    ShareGroupDescribeGroup,
    ShareGroupDescribeMember,
    ShareGroupDescribeRequest,
    ShareGroupDescribeTopicPartitions,
)
from tests.support.groups_on_the_wire import enter, share_heartbeat
from tests.support.node import RunningNode
from tests.support.produced import batch, produce
from tests.support.sharing import Member, configure_group


@pytest.fixture(scope="module", autouse=True)
def topic_id(broker: RunningNode) -> bytes:
    """The id of the topic `t`."""
    return broker.create_topic("t", 2)


def describe(broker: RunningNode, *group_ids: str, operations: bool = False) -> list[object]:
    request = ShareGroupDescribeRequest(
        group_ids=list(group_ids), include_authorized_operations=operations
    )
    found: list[object] = broker.call(request, 1).groups
    return found


def listed(broker: RunningNode, **filters: list[str]) -> set[tuple[str, str, str, str]]:
    groups = broker.call(ListGroupsRequest(**filters), 5).groups
    return {(g.group_id, g.protocol_type, g.group_state, g.group_type) for g in groups}


def delete(broker: RunningNode, group_id: str) -> int:
    code: int = broker.call(DeleteGroupsRequest(groups_names=[group_id]), 2).results[0].error_code
    return code


def test_a_group_is_described_with_what_its_members_have(
    broker: RunningNode, topic_id: bytes
) -> None:
    share_heartbeat(broker, "described", 0, rack_id="r")

    assert describe(broker, "described") == [
        ShareGroupDescribeGroup(
            error_code=0,
            group_id="described",
            group_state="Stable",
            group_epoch=1,
            assignment_epoch=1,
            assignor_name="simple",
            members=[
                ShareGroupDescribeMember(
                    member_id="m",
                    rack_id="r",
                    member_epoch=1,
                    client_id="test",
                    client_host="/127.0.0.1",
                    subscribed_topic_names=["t"],
                    assignment=ShareGroupDescribeAssignment(
                        topic_partitions=[
                            ShareGroupDescribeTopicPartitions(
                                topic_id=topic_id, topic_name="t", partitions=[0, 1]
                            )
                        ]
                    ),
                )
            ],
        )
    ]


def test_operations_are_told_when_asked_for(broker: RunningNode) -> None:
    share_heartbeat(broker, "operated", 0)

    (found,) = describe(broker, "operated", operations=True)

    assert isinstance(found, ShareGroupDescribeGroup)
    assert found.authorized_operations > 0


def test_what_is_no_share_group_is_not_found(broker: RunningNode) -> None:
    enter(broker, "classic")

    assert describe(broker, "none", "classic") == [
        ShareGroupDescribeGroup(
            error_code=ErrorCode.GROUP_ID_NOT_FOUND, error_message=message, group_id=group_id
        )
        for group_id, message in (
            ("none", "Group none not found."),
            ("classic", "Group classic is not a share group."),
        )
    ]


def test_the_classic_description_knows_no_share_groups(broker: RunningNode) -> None:
    share_heartbeat(broker, "s", 0)

    newer = broker.call(DescribeGroupsRequest(groups=["s"]), 6).groups[0]
    older = broker.call(DescribeGroupsRequest(groups=["s"]), 5).groups[0]

    assert (newer.error_code, newer.group_state) == (ErrorCode.GROUP_ID_NOT_FOUND, "Dead")
    assert newer.error_message == "Group s is not a classic group."
    assert (older.error_code, older.group_state) == (0, "Dead")


def test_groups_are_listed_by_state_and_type(broker: RunningNode) -> None:
    share_heartbeat(broker, "stays", 0)
    share_heartbeat(broker, "left", 0)
    share_heartbeat(broker, "left", -1)
    enter(broker, "other")

    every = listed(broker)

    assert ("stays", "share", "Stable", "share") in every
    assert ("left", "share", "Empty", "share") in every
    names = {each[0] for each in listed(broker, types_filter=["Share"])}
    assert {"stays", "left"} <= names
    assert "other" not in names
    empty = {each[0] for each in listed(broker, types_filter=["share"], states_filter=["empty"])}
    assert empty >= {"left"}
    assert "stays" not in empty


def test_an_empty_share_group_is_deleted_with_all_that_it_had(
    broker: RunningNode, topic_id: bytes
) -> None:
    configure_group(broker, "gone", share_auto_offset_reset="earliest")
    produce(broker, batch(b"a"))
    share_heartbeat(broker, "gone", 0)
    member = Member(broker, topic_id, group_id="gone")
    assert member.take()
    assert delete(broker, "gone") == ErrorCode.NON_EMPTY_GROUP
    member.client.close()
    share_heartbeat(broker, "gone", -1)
    broker.wait_until(
        lambda: not any(each.group_id == "gone" for each in broker.node.share.sessions.all())
    )

    assert delete(broker, "gone") == 0

    assert not broker.run(lambda: broker.node.share.of_group("gone"))
    assert "gone" not in {each[0] for each in listed(broker)}
    assert delete(broker, "gone") == ErrorCode.GROUP_ID_NOT_FOUND

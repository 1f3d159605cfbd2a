"""DescribeGroups (key 15): the state and members of classic groups.

v3 adds authorised operations; v4 static members; v6 answers GROUP_ID_NOT_FOUND for a group that
does not exist, where older versions show a dead one.
"""

from kafkacompat.coordinator.groups.classic import ClassicGroup, GroupState
from kafkacompat.handlers.topic_guards import GROUP_OPERATIONS, NO_OPERATIONS
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.describe_groups import (
    DescribedGroup,
    DescribedGroupMember,
    DescribeGroupsRequest,
    DescribeGroupsResponse,
)

FIRST_VERSION_WITH_NOT_FOUND = 6


def refuse(
    request: DescribeGroupsRequest, code: ErrorCode, message: str | None
) -> DescribeGroupsResponse:
    """Answer every group with one error."""
    return DescribeGroupsResponse(
        groups=[_failed(group_id, code, message) for group_id in request.groups]
    )


@handles(
    DescribeGroupsRequest,
    versions="0-6",
    authorise=needs(Operation.DESCRIBE, Resource.GROUP, per_item=True),
    refuse=refuse,
)
def describe_groups(call: Call, request: DescribeGroupsRequest) -> DescribeGroupsResponse:
    """Describe each group. Errors, per group: those of `GroupCoordinator.shard`."""
    operations = GROUP_OPERATIONS if request.include_authorized_operations else NO_OPERATIONS
    return DescribeGroupsResponse(
        groups=[_describe(call, group_id, operations) for group_id in request.groups]
    )


def _failed(group_id: str, code: ErrorCode, message: str | None = None) -> DescribedGroup:
    return DescribedGroup(
        error_code=code,
        error_message=message,
        group_id=group_id,
        group_state="",
        protocol_type="",
        protocol_data="",
        members=[],
    )


def _describe(call: Call, group_id: str, operations: int) -> DescribedGroup:
    code = call.check(Operation.DESCRIBE, Resource.GROUP, group_id)
    if code:
        return _failed(group_id, code)
    try:
        shard = call.node.groups.shard(group_id, may_be_empty=True)
    except KafkaError as error:
        return _failed(group_id, error.code, error.message)
    group = shard.classic(group_id)
    is_other = shard.share(group_id) is not None or shard.consumer(group_id) is not None
    if group is None and not is_other and shard.has_group(group_id):
        group = ClassicGroup(group_id, shard.settings)
    if group is None:
        missing = _failed(group_id, ErrorCode.NONE)
        missing.group_state = GroupState.DEAD.value
        if call.version >= FIRST_VERSION_WITH_NOT_FOUND:
            missing.error_code = ErrorCode.GROUP_ID_NOT_FOUND
            missing.error_message = f"Group {group_id} not found."
            if is_other:
                missing.error_message = f"Group {group_id} is not a classic group."
        return missing
    return DescribedGroup(
        error_code=0,
        group_id=group_id,
        group_state=group.state.value,
        protocol_type=group.protocol_type or "",
        protocol_data=group.protocol or "" if group.state is GroupState.STABLE else "",
        members=_members(group),
        authorized_operations=operations,
    )


def _members(group: ClassicGroup) -> list[DescribedGroupMember]:
    """Return the members; what they subscribe to and were given only while that stands."""
    is_stable = group.state is GroupState.STABLE
    return [
        DescribedGroupMember(
            member_id=member.member_id,
            group_instance_id=member.group_instance_id,
            client_id=member.client_id,
            client_host=member.client_host,
            member_metadata=member.subscription(group.protocol) if is_stable else b"",
            member_assignment=member.assignment if is_stable else b"",
        )
        for member in group.members.values()
    ]

"""ShareGroupDescribe (key 77): the state and members of share groups (KIP-932).

v0 was never stable: v1 is the only version.
"""

from kafkacompat.coordinator.groups.share import ASSIGNOR
from kafkacompat.coordinator.groups.share_member import ShareMember
from kafkacompat.coordinator.groups.topics import by_topic
from kafkacompat.handlers.topic_guards import GROUP_OPERATIONS, NO_OPERATIONS
from kafkacompat.metadata.features import SHARE_FEATURE
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.share_group_describe import (
    ShareGroupDescribeAssignment,
    ShareGroupDescribeGroup,
    ShareGroupDescribeMember,
    ShareGroupDescribeRequest,
    ShareGroupDescribeResponse,
    ShareGroupDescribeTopicPartitions,
)


def refuse(
    request: ShareGroupDescribeRequest, code: ErrorCode, message: str | None
) -> ShareGroupDescribeResponse:
    """Answer every group with one error."""
    return ShareGroupDescribeResponse(
        groups=[_failed(group_id, KafkaError(code, message)) for group_id in request.group_ids]
    )


@handles(
    ShareGroupDescribeRequest,
    versions="1",
    authorise=needs(Operation.DESCRIBE, Resource.GROUP, per_item=True),
    refuse=refuse,
    feature=SHARE_FEATURE,
)
def share_group_describe(
    call: Call, request: ShareGroupDescribeRequest
) -> ShareGroupDescribeResponse:
    """Describe each group.

    Errors, per group: GROUP_ID_NOT_FOUND, TOPIC_AUTHORIZATION_FAILED, those of
    `GroupCoordinator.shard`.
    """
    found = []
    for group_id in request.group_ids:
        try:
            described = _describe(call, group_id)
            if request.include_authorized_operations:
                described.authorized_operations = GROUP_OPERATIONS
            found.append(described)
        except KafkaError as error:
            found.append(_failed(group_id, error))
    return ShareGroupDescribeResponse(groups=found)


def _failed(group_id: str, error: KafkaError) -> ShareGroupDescribeGroup:
    return ShareGroupDescribeGroup(
        error_code=error.code,
        error_message=error.message,
        group_id=group_id,
        authorized_operations=NO_OPERATIONS,
    )


def _describe(call: Call, group_id: str) -> ShareGroupDescribeGroup:
    code = call.check(Operation.DESCRIBE, Resource.GROUP, group_id)
    if code:
        raise KafkaError(code)
    shard = call.node.groups.shard(group_id)
    group = shard.share(group_id)
    if group is None:
        message = f"Group {group_id} not found."
        if shard.has_group(group_id):
            message = f"Group {group_id} is not a share group."
        raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, message)
    for name in sorted(group.subscribed()):
        code = call.check(Operation.DESCRIBE, Resource.TOPIC, name)
        if code:
            raise KafkaError(code, "The described group uses topics that may not be described.")
    return ShareGroupDescribeGroup(
        error_code=0,
        group_id=group_id,
        group_state=group.state,
        group_epoch=group.epoch,
        assignment_epoch=group.assignment_epoch,
        assignor_name=ASSIGNOR,
        members=[_member(call, group.members[key]) for key in sorted(group.members)],
    )


def _member(call: Call, member: ShareMember) -> ShareGroupDescribeMember:
    """Describe a member; a topic that is no more is left out of what it has."""
    known = call.node.image.topics_by_id
    return ShareGroupDescribeMember(
        member_id=member.member_id,
        rack_id=member.rack_id,
        member_epoch=member.epoch,
        client_id=member.client_id,
        client_host=member.client_host,
        subscribed_topic_names=list(member.topics),
        assignment=ShareGroupDescribeAssignment(
            topic_partitions=[
                ShareGroupDescribeTopicPartitions(
                    topic_id=topic_id, topic_name=known[topic_id].name, partitions=partitions
                )
                for topic_id, partitions in by_topic(member.assigned)
                if topic_id in known
            ]
        ),
    )

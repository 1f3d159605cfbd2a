"""ConsumerGroupDescribe (key 69): members of consumer groups, what they have and are to have.

v1 adds by which protocol each member speaks.
"""

from kafkacompat.coordinator.groups.consumer.group import ConsumerGroup
from kafkacompat.coordinator.groups.consumer.member import ConsumerMember
from kafkacompat.coordinator.groups.topics import NOTHING, Assignment, by_topic
from kafkacompat.handlers.topic_guards import GROUP_OPERATIONS, NO_OPERATIONS
from kafkacompat.metadata.features import GROUP_FEATURE
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.consumer_group_describe import (
    ConsumerGroupDescribeAssignment,
    ConsumerGroupDescribeGroup,
    ConsumerGroupDescribeMember,
    ConsumerGroupDescribeRequest,
    ConsumerGroupDescribeResponse,
    ConsumerGroupDescribeTopicPartitions,
)

CLASSIC_MEMBER, CONSUMER_MEMBER = 0, 1


def refuse(
    request: ConsumerGroupDescribeRequest, code: ErrorCode, message: str | None
) -> ConsumerGroupDescribeResponse:
    """Answer every group with one error."""
    error = KafkaError(code, message)
    return ConsumerGroupDescribeResponse(
        groups=[_failed(group_id, error) for group_id in request.group_ids]
    )


@handles(
    ConsumerGroupDescribeRequest,
    versions="0-1",
    authorise=needs(Operation.DESCRIBE, Resource.GROUP, per_item=True),
    refuse=refuse,
    feature=GROUP_FEATURE,
)
def consumer_group_describe(
    call: Call, request: ConsumerGroupDescribeRequest
) -> ConsumerGroupDescribeResponse:
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
    return ConsumerGroupDescribeResponse(groups=found)


def _failed(group_id: str, error: KafkaError) -> ConsumerGroupDescribeGroup:
    return ConsumerGroupDescribeGroup(
        error_code=error.code,
        error_message=error.message,
        group_id=group_id,
        group_state="",
        group_epoch=0,
        assignment_epoch=0,
        assignor_name="",
        members=[],
        authorized_operations=NO_OPERATIONS,
    )


def _describe(call: Call, group_id: str) -> ConsumerGroupDescribeGroup:
    code = call.check(Operation.DESCRIBE, Resource.GROUP, group_id)
    if code:
        raise KafkaError(code)
    shard = call.node.groups.shard(group_id)
    group = shard.consumer(group_id)
    if group is None:
        message = f"Group {group_id} not found."
        if shard.has_group(group_id):
            message = f"Group {group_id} is not a consumer group."
        raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, message)
    for name in sorted(group.subscribed_topics()):
        code = call.check(Operation.DESCRIBE, Resource.TOPIC, name)
        if code:
            raise KafkaError(code, "The described group uses topics that may not be described.")
    return ConsumerGroupDescribeGroup(
        error_code=0,
        group_id=group_id,
        group_state=group.state,
        group_epoch=group.epoch,
        assignment_epoch=group.assignment_epoch,
        assignor_name=group.assignor,
        members=[_member(call, group, group.members[key]) for key in sorted(group.members)],
    )


def _member(
    call: Call, group: ConsumerGroup, member: ConsumerMember
) -> ConsumerGroupDescribeMember:
    target = group.targets.get(member.member_id, NOTHING)
    return ConsumerGroupDescribeMember(
        member_id=member.member_id,
        instance_id=member.instance_id,
        rack_id=member.rack_id,
        member_epoch=member.epoch,
        client_id=member.client_id,
        client_host=member.client_host,
        subscribed_topic_names=list(member.topics),
        subscribed_topic_regex=member.pattern,
        assignment=_named(call, member.assigned),
        target_assignment=_named(call, target),
        member_type=CONSUMER_MEMBER if member.classic is None else CLASSIC_MEMBER,
    )


def _named(call: Call, assignment: Assignment) -> ConsumerGroupDescribeAssignment:
    """Return partitions with their topics' names; a topic that is no more is left out."""
    known = call.node.image.topics_by_id
    return ConsumerGroupDescribeAssignment(
        topic_partitions=[
            ConsumerGroupDescribeTopicPartitions(
                topic_id=topic_id, topic_name=known[topic_id].name, partitions=partitions
            )
            for topic_id, partitions in by_topic(assignment)
            if topic_id in known
        ]
    )

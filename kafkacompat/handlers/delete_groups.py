"""DeleteGroups (key 42): delete empty groups with their offsets. Versions differ in form only."""

from kafkacompat.coordinator.groups.classic import GroupState
from kafkacompat.coordinator.groups.consumer.records import (
    group_tombstones as consumer_tombstones,
)
from kafkacompat.coordinator.groups.records import group_tombstone, offset_tombstone
from kafkacompat.coordinator.outcome import Outcome
from kafkacompat.handlers.share_group_offsets import AllOf, require_empty
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.delete_groups import (
    DeletableGroupResult,
    DeleteGroupsRequest,
    DeleteGroupsResponse,
)


def refuse(
    request: DeleteGroupsRequest, code: ErrorCode, message: str | None
) -> DeleteGroupsResponse:
    """Answer every group with one error."""
    return DeleteGroupsResponse(
        results=[
            DeletableGroupResult(group_id=group_id, error_code=code)
            for group_id in request.groups_names
        ]
    )


@handles(
    DeleteGroupsRequest,
    versions="0-2",
    authorise=needs(Operation.DELETE, Resource.GROUP, per_item=True),
    refuse=refuse,
)
def delete_groups(call: Call, request: DeleteGroupsRequest) -> DeleteGroupsResponse | Reply:
    """Delete each group, durably.

    Errors, per group: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, those of `GroupCoordinator.shard`.
    """
    results: dict[str, DeletableGroupResult] = {}
    response = DeleteGroupsResponse(results=[])
    replies: list[Reply] = []
    for group_id in request.groups_names:
        if group_id in results:
            continue
        code = ErrorCode.NONE
        try:
            replies.append(_delete(call, group_id))
        except KafkaError as error:
            code = error.code
        results[group_id] = DeletableGroupResult(group_id=group_id, error_code=code)
    response.results = list(results.values())
    if not replies:
        return response
    return _when_all(replies, response)


def _delete(call: Call, group_id: str) -> Reply:
    """Append a group's tombstones; return what is resolved when they are durable."""
    code = call.check(Operation.DELETE, Resource.GROUP, group_id)
    if code:
        raise KafkaError(code)
    groups = call.node.groups
    shard = groups.shard(group_id, may_be_empty=True)
    if not shard.has_group(group_id):
        raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND)
    if shard.share(group_id) is not None:
        return _delete_share_group(call, group_id)
    group, consumer = shard.classic(group_id), shard.consumer(group_id)
    if group is not None and not group.is_in(GroupState.EMPTY, GroupState.DEAD):
        raise KafkaError(ErrorCode.NON_EMPTY_GROUP)
    if consumer is not None and consumer.members:
        raise KafkaError(ErrorCode.NON_EMPTY_GROUP)
    records = [
        offset_tombstone(group_id, where.topic, where.partition)
        for where in shard.offsets.of_group(group_id)
    ]
    if consumer is None:
        records.append(group_tombstone(group_id))
        groups.forget(shard, group_id)
    else:
        records += consumer_tombstones(group_id)
    reply = Reply()
    groups.run(shard, Outcome(records=records, replies=[(reply, group_id)]))
    return reply


def _delete_share_group(call: Call, group_id: str) -> Reply:
    """Delete what a share group has state of, then the group; return what is resolved then."""
    require_empty(call, group_id)
    share, reply, waiting = call.node.share, Reply(), AllOf()
    failures: list[KafkaError] = []

    def told(error: KafkaError | None) -> None:
        if error is not None:
            failures.append(error)

    def delete_group() -> None:
        try:
            if failures:
                raise failures[0]
            shard = call.node.groups.shard(group_id)
            group = shard.share(group_id)
            if group is None:
                raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND)
            if group.members:
                raise KafkaError(ErrorCode.NON_EMPTY_GROUP)
            call.node.groups.run(shard, group.delete(reply), group_id)
        except KafkaError as error:
            reply.resolve(error)

    for machine in share.of_group(group_id):
        share.delete(machine.which, waiting.add(told))
    waiting.then(delete_group)
    return reply


def _when_all(replies: list[Reply], response: DeleteGroupsResponse) -> Reply:
    """Answer when every group's records are durable; one that failed is answered so."""
    combined = Reply()
    left = len(replies)

    def one_done(result: str | BaseException | None) -> None:
        nonlocal left
        left -= 1
        if isinstance(result, KafkaError):
            for item in response.results:
                if item.error_code == ErrorCode.NONE:
                    item.error_code = result.code
        if not left:
            combined.resolve(response)

    for reply in replies:
        reply.when_done(one_done)
    return combined

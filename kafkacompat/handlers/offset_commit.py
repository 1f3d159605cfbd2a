"""OffsetCommit (key 8): keep how far a group has read.

v1 adds generation and member; v2-v4 a retention time; v6 leader epochs; v7 static members; from
v10 on topics are named by id.
"""

from kafkacompat.coordinator.outcome import Outcome, Write
from kafkacompat.handlers.offset_records import add_offset
from kafkacompat.metadata.image import TopicState
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
    OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
)

FIRST_VERSION_WITH_EPOCHS, FIRST_VERSION_WITH_IDS = 9, 10


def refuse(
    request: OffsetCommitRequest, code: ErrorCode, message: str | None
) -> OffsetCommitResponse:
    """Answer every partition with one error."""
    return OffsetCommitResponse(
        topics=[
            OffsetCommitResponseTopic(
                name=topic.name,
                topic_id=topic.topic_id,
                partitions=[
                    OffsetCommitResponsePartition(
                        partition_index=wanted.partition_index, error_code=code
                    )
                    for wanted in topic.partitions
                ],
            )
            for topic in request.topics
        ]
    )


@handles(
    OffsetCommitRequest,
    versions="0-10",
    authorise=needs(Operation.READ, Resource.GROUP),
    refuse=refuse,
)
def offset_commit(call: Call, request: OffsetCommitRequest) -> OffsetCommitResponse | Reply:
    """Commit; the answer comes when the records are durable.

    Errors: those of `GroupShard.check_sender` and `GroupCoordinator.shard`; per partition
    UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, OFFSET_METADATA_TOO_LARGE.
    """
    code = call.check(Operation.READ, Resource.GROUP, request.group_id)
    if code:
        raise KafkaError(code)
    groups, clock = call.node.groups, call.node.clock
    shard = groups.shard(request.group_id, may_be_empty=True)
    shard.check_classic(request.group_id, ErrorCode.GROUP_ID_NOT_FOUND)
    group = shard.classic(request.group_id)
    epoch = request.generation_id_or_member_epoch
    code = shard.check_sender(request.group_id, epoch, request.member_id, request.group_instance_id)
    if code:
        is_known = call.version >= FIRST_VERSION_WITH_EPOCHS
        if code is ErrorCode.STALE_MEMBER_EPOCH and not is_known:
            code = ErrorCode.UNSUPPORTED_VERSION
        raise KafkaError(code)
    if group is not None and request.member_id in group.members:
        group.members[request.member_id].heard(clock.monotonic_ms())
    records: list[Write] = []
    topics = [_topic(call, request, topic, records) for topic in request.topics]
    response = OffsetCommitResponse(topics=topics)
    if not records:
        return response
    reply = Reply()
    groups.run(shard, Outcome(records=records, replies=[(reply, response)]))
    return reply


def _topic(
    call: Call,
    request: OffsetCommitRequest,
    wanted: OffsetCommitRequestTopic,
    records: list[Write],
) -> OffsetCommitResponseTopic:
    image = call.node.image
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if call.version >= FIRST_VERSION_WITH_IDS:
        topic, unknown = image.topics_by_id.get(wanted.topic_id), ErrorCode.UNKNOWN_TOPIC_ID
    else:
        topic = image.topics.get(wanted.name)
    return OffsetCommitResponseTopic(
        name=wanted.name,
        topic_id=wanted.topic_id,
        partitions=[
            OffsetCommitResponsePartition(
                partition_index=item.partition_index,
                error_code=unknown
                if topic is None
                else _partition(call, request, topic, item, records),
            )
            for item in wanted.partitions
        ],
    )


def _partition(
    call: Call,
    request: OffsetCommitRequest,
    topic: TopicState,
    item: OffsetCommitRequestPartition,
    records: list[Write],
) -> ErrorCode:
    now_ms = call.node.clock.wall_ms()
    committed_ms = now_ms if item.commit_timestamp < 0 else item.commit_timestamp
    retention_ms = request.retention_time_ms
    expires_ms = committed_ms + retention_ms if retention_ms >= 0 else -1
    times = (committed_ms, expires_ms)
    return add_offset(call, request.group_id, topic.name, item, times, records)

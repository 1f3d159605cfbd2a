"""OffsetFetch (key 9): look up how far groups have read.

v2 gives everything for null topics; v7 adds require_stable; v8 asks for several groups; v9 adds
the member that asks; from v10 on topics are named by id.
"""

from collections.abc import Callable, Sequence

from kafkacompat.coordinator.groups.offsets import Committed, TopicPartition
from kafkacompat.coordinator.groups.shard import GroupShard
from kafkacompat.metadata.image import MetadataImage
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
    OffsetFetchResponseGroup,
    OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
)

FIRST_VERSION_WITH_ERROR, FIRST_VERSION_WITH_GROUPS, FIRST_VERSION_WITH_IDS = 2, 8, 10
NOTHING = Committed(-1, -1, "")
Found = Callable[[TopicPartition], tuple[Committed, ErrorCode]]
"""What a partition's slot of the answer says."""


def refuse(
    request: OffsetFetchRequest, code: ErrorCode, message: str | None
) -> OffsetFetchResponse:
    """Answer with one error: per group, at the top, or per partition, as the version has it."""
    return OffsetFetchResponse(
        error_code=code,
        topics=[
            OffsetFetchResponseTopic(
                name=topic.name,
                partitions=[
                    OffsetFetchResponsePartition(
                        partition_index=index, committed_offset=-1, metadata="", error_code=code
                    )
                    for index in topic.partition_indexes
                ],
            )
            for topic in request.topics or []
        ],
        groups=[_failed(group.group_id, code) for group in request.groups],
    )


@handles(
    OffsetFetchRequest,
    versions="0-10",
    authorise=needs(Operation.DESCRIBE, Resource.GROUP, per_item=True),
    refuse=refuse,
)
def offset_fetch(call: Call, request: OffsetFetchRequest) -> OffsetFetchResponse:
    """Look up durable offsets; one that was never committed is -1.

    Who asks for stable ones gets UNSTABLE_OFFSET_COMMIT where a transaction is open (KIP-447).

    Errors, per group: those of `GroupCoordinator.shard`; per topic UNKNOWN_TOPIC_ID.
    """
    if call.version >= FIRST_VERSION_WITH_GROUPS:
        groups = [_group(call, wanted, request.require_stable) for wanted in request.groups]
        return OffsetFetchResponse(groups=groups)
    topics = None
    if request.topics is not None:
        topics = [
            OffsetFetchRequestTopics(name=t.name, partition_indexes=t.partition_indexes)
            for t in request.topics
        ]
    wanted = OffsetFetchRequestGroup(group_id=request.group_id, topics=topics)
    found = _group(call, wanted, request.require_stable)
    if found.error_code:
        code = ErrorCode(found.error_code)
        if call.version < FIRST_VERSION_WITH_ERROR:
            return refuse(request, code, None)
        return OffsetFetchResponse(error_code=code, topics=[])
    return OffsetFetchResponse(topics=[_old_topic(topic) for topic in found.topics])


def _old_topic(topic: OffsetFetchResponseTopics) -> OffsetFetchResponseTopic:
    return OffsetFetchResponseTopic(
        name=topic.name,
        partitions=[
            OffsetFetchResponsePartition(
                partition_index=p.partition_index,
                committed_offset=p.committed_offset,
                committed_leader_epoch=p.committed_leader_epoch,
                metadata=p.metadata,
                error_code=p.error_code,
            )
            for p in topic.partitions
        ],
    )


def _failed(group_id: str, code: int) -> OffsetFetchResponseGroup:
    return OffsetFetchResponseGroup(group_id=group_id, topics=[], error_code=code)


def _group(
    call: Call, wanted: OffsetFetchRequestGroup, require_stable: bool
) -> OffsetFetchResponseGroup:
    group_id = wanted.group_id
    code = call.check(Operation.DESCRIBE, Resource.GROUP, group_id)
    if code:
        return _failed(group_id, code)
    try:
        shard = call.node.groups.shard(group_id, may_be_empty=True)
        shard.check_classic(group_id, ErrorCode.GROUP_ID_NOT_FOUND)
        _check_member(shard, wanted)
    except KafkaError as error:
        return _failed(group_id, error.code)
    offsets = shard.offsets
    committed = offsets.of(group_id)

    def find(where: TopicPartition) -> tuple[Committed, ErrorCode]:
        if require_stable and offsets.pending.is_pending(group_id, *where):
            return NOTHING, ErrorCode.UNSTABLE_OFFSET_COMMIT
        return committed.get(where, NOTHING), ErrorCode.NONE

    if wanted.topics is None:
        topics = _all(call, committed, find)
    else:
        topics = [_topic(call, topic, find) for topic in wanted.topics]
    return OffsetFetchResponseGroup(group_id=group_id, topics=topics, error_code=0)


def _check_member(shard: GroupShard, wanted: OffsetFetchRequestGroup) -> None:
    """Check the member that asks, if it says who it is (v9).

    Errors: UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH.
    """
    if wanted.member_id is None and wanted.member_epoch < 0:
        return
    consumer = shard.consumer(wanted.group_id)
    if consumer is not None:
        code = consumer.check_member(wanted.member_id or "", wanted.member_epoch)
        if code:
            raise KafkaError(code)


def _all(
    call: Call, committed: dict[TopicPartition, Committed], find: Found
) -> list[OffsetFetchResponseTopics]:
    by_topic: dict[str, list[int]] = {}
    for where in sorted(committed):
        by_topic.setdefault(where.topic, []).append(where.partition)
    image, by_id = call.node.image, call.version >= FIRST_VERSION_WITH_IDS
    return [
        _found(image, name, indexes, find)
        for name, indexes in by_topic.items()
        if not by_id or name in image.topics
    ]


def _topic(call: Call, wanted: OffsetFetchRequestTopics, find: Found) -> OffsetFetchResponseTopics:
    name = wanted.name
    if call.version >= FIRST_VERSION_WITH_IDS:
        topic = call.node.image.topics_by_id.get(wanted.topic_id)
        if topic is None:
            return OffsetFetchResponseTopics(
                topic_id=wanted.topic_id,
                partitions=[
                    _partition(index, NOTHING, ErrorCode.UNKNOWN_TOPIC_ID)
                    for index in wanted.partition_indexes
                ],
            )
        name = topic.name
    return _found(call.node.image, name, wanted.partition_indexes, find)


def _found(
    image: MetadataImage, name: str, indexes: Sequence[int], find: Found
) -> OffsetFetchResponseTopics:
    topic = image.topics.get(name)
    return OffsetFetchResponseTopics(
        name=name,
        topic_id=topic.topic_id if topic is not None else bytes(16),
        partitions=[_partition(index, *find(TopicPartition(name, index))) for index in indexes],
    )


def _partition(index: int, committed: Committed, code: ErrorCode) -> OffsetFetchResponsePartitions:
    return OffsetFetchResponsePartitions(
        partition_index=index,
        committed_offset=committed.offset,
        committed_leader_epoch=committed.leader_epoch,
        metadata=committed.metadata,
        error_code=code,
    )

"""DescribeShareGroupOffsets (key 90): where the share-partitions of groups begin.

v1 adds the lag (KIP-1226).
"""

from kafkacompat.coordinator.share.records import SharePartitionId
from kafkacompat.coordinator.share.share_partition import SharePartition
from kafkacompat.handlers.share_group_offsets import UNKNOWN_TOPIC
from kafkacompat.metadata.features import SHARE_FEATURE
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.describe_share_group_offsets import (
    DescribeShareGroupOffsetsRequest,
    DescribeShareGroupOffsetsRequestGroup,
    DescribeShareGroupOffsetsRequestTopic,
    DescribeShareGroupOffsetsResponse,
    DescribeShareGroupOffsetsResponseGroup,
    DescribeShareGroupOffsetsResponsePartition,
    DescribeShareGroupOffsetsResponseTopic,
)
from kafkacompat_protocol.schema import ZERO_UUID

NONE_YET = -1


def refuse(
    request: DescribeShareGroupOffsetsRequest, code: ErrorCode, message: str | None
) -> DescribeShareGroupOffsetsResponse:
    """Answer every group with one error."""
    return DescribeShareGroupOffsetsResponse(
        groups=[_failed(group.group_id, KafkaError(code, message)) for group in request.groups]
    )


@handles(
    DescribeShareGroupOffsetsRequest,
    versions="0-1",
    authorise=needs(Operation.DESCRIBE, Resource.GROUP, per_item=True),
    refuse=refuse,
    feature=SHARE_FEATURE,
)
def describe_share_group_offsets(
    call: Call, request: DescribeShareGroupOffsetsRequest
) -> DescribeShareGroupOffsetsResponse:
    """Describe each group; all that it has where no topics are named.

    As in Kafka, nobody asks whether there is such a group, or such a topic.

    Errors, per group: those of the coordinator; per partition UNKNOWN_TOPIC_OR_PARTITION
    where there is the topic, TOPIC_AUTHORIZATION_FAILED.
    """
    found = []
    for group in request.groups:
        try:
            found.append(_group(call, group))
        except KafkaError as error:
            found.append(_failed(group.group_id, error))
    return DescribeShareGroupOffsetsResponse(groups=found)


def _failed(group_id: str, error: KafkaError) -> DescribeShareGroupOffsetsResponseGroup:
    return DescribeShareGroupOffsetsResponseGroup(
        group_id=group_id, topics=[], error_code=error.code, error_message=error.message
    )


def _group(
    call: Call, wanted: DescribeShareGroupOffsetsRequestGroup
) -> DescribeShareGroupOffsetsResponseGroup:
    code = call.check(Operation.DESCRIBE, Resource.GROUP, wanted.group_id)
    if code:
        raise KafkaError(code)
    known = {machine.which: machine for machine in call.node.share.of_group(wanted.group_id)}
    topics = _all_topics(call, known) if wanted.topics is None else wanted.topics
    return DescribeShareGroupOffsetsResponseGroup(
        group_id=wanted.group_id,
        topics=[_topic(call, wanted.group_id, topic, known) for topic in topics],
    )


def _all_topics(
    call: Call, known: dict[SharePartitionId, SharePartition]
) -> list[DescribeShareGroupOffsetsRequestTopic]:
    found: dict[str, list[int]] = {}
    for which in known:
        topic = call.node.image.topics_by_id.get(which.topic_id)
        if topic is not None and not call.check(Operation.DESCRIBE, Resource.TOPIC, topic.name):
            found.setdefault(topic.name, []).append(which.partition)
    return [
        DescribeShareGroupOffsetsRequestTopic(topic_name=name, partitions=sorted(found[name]))
        for name in sorted(found)
    ]


def _topic(
    call: Call,
    group_id: str,
    wanted: DescribeShareGroupOffsetsRequestTopic,
    known: dict[SharePartitionId, SharePartition],
) -> DescribeShareGroupOffsetsResponseTopic:
    topic = call.node.image.topics.get(wanted.topic_name)
    topic_id = ZERO_UUID if topic is None else topic.topic_id
    partitions = []
    for index in wanted.partitions:
        machine = known.get(SharePartitionId(group_id, topic_id, index))
        try:
            partitions.append(_partition(call, wanted.topic_name, index, machine))
        except KafkaError as error:
            partitions.append(_undescribed(index, error))
    return DescribeShareGroupOffsetsResponseTopic(
        topic_name=wanted.topic_name, topic_id=topic_id, partitions=partitions
    )


def _undescribed(index: int, error: KafkaError) -> DescribeShareGroupOffsetsResponsePartition:
    message = error.message
    if error.code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
        message = UNKNOWN_TOPIC
    return DescribeShareGroupOffsetsResponsePartition(
        partition_index=index,
        start_offset=0,
        leader_epoch=0,
        lag=0,
        error_code=error.code,
        error_message=message,
    )


def _partition(
    call: Call, topic: str, index: int, machine: SharePartition | None
) -> DescribeShareGroupOffsetsResponsePartition:
    code = call.check(Operation.DESCRIBE, Resource.TOPIC, topic)
    if code:
        raise KafkaError(code)
    partition = (
        call.node.members.partition(topic, index) if topic in call.node.image.topics else None
    )
    if partition is None or machine is None or machine.window is None:
        return DescribeShareGroupOffsetsResponsePartition(
            partition_index=index, start_offset=NONE_YET, leader_epoch=0, lag=NONE_YET
        )
    window, log = machine.window, partition.log
    start_offset = max(window.start_offset, log.log_start_offset)
    return DescribeShareGroupOffsetsResponsePartition(
        partition_index=index,
        start_offset=start_offset,
        leader_epoch=machine.epochs.leader,
        lag=max(0, log.high_watermark - start_offset - window.done),
    )

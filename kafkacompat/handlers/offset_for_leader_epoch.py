"""OffsetForLeaderEpoch (key 23): where the records of a leader epoch end, to find truncation.

v2 adds current_leader_epoch, which is checked; v3 adds replica_id.
"""

from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.offset_for_leader_epoch import (
    EpochEndOffset,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    OffsetForLeaderPartition,
    OffsetForLeaderTopicResult,
)


def refuse(
    request: OffsetForLeaderEpochRequest, code: ErrorCode, message: str | None
) -> OffsetForLeaderEpochResponse:
    """Answer every partition with one error."""
    return OffsetForLeaderEpochResponse(
        topics=[
            OffsetForLeaderTopicResult(
                topic=topic.topic,
                partitions=[
                    EpochEndOffset(error_code=code, partition=p.partition) for p in topic.partitions
                ],
            )
            for topic in request.topics
        ]
    )


@handles(
    OffsetForLeaderEpochRequest,
    versions="0-4",
    authorise=needs(Operation.DESCRIBE, Resource.TOPIC, per_item=True),
    refuse=refuse,
)
def offset_for_leader_epoch(
    call: Call, request: OffsetForLeaderEpochRequest
) -> OffsetForLeaderEpochResponse:
    """Look each epoch up. Errors, per partition: FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH."""
    return OffsetForLeaderEpochResponse(
        topics=[
            OffsetForLeaderTopicResult(
                topic=topic.topic,
                partitions=[_partition(call, topic.topic, p) for p in topic.partitions],
            )
            for topic in request.topics
        ]
    )


def _partition(call: Call, topic: str, wanted: OffsetForLeaderPartition) -> EpochEndOffset:
    index = wanted.partition
    code = call.check(Operation.DESCRIBE, Resource.TOPIC, topic)
    if code:
        return EpochEndOffset(error_code=code, partition=index)
    try:
        partition = call.node.partitions.find(topic, index)
        partition.check_epoch(wanted.current_leader_epoch)
        if wanted.leader_epoch == partition.leader_epoch:
            epoch, end_offset = partition.leader_epoch, partition.log.end_offset
        else:
            epoch, end_offset = partition.log.epoch_end_offset(wanted.leader_epoch)
    except KafkaError as error:
        return EpochEndOffset(error_code=error.code, partition=index)
    return EpochEndOffset(error_code=0, partition=index, leader_epoch=epoch, end_offset=end_offset)

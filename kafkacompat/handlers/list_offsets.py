"""ListOffsets (key 2): find offsets by timestamp.

v0 answers a list of offsets at or before a time; from v1 on one offset, of the first record at or
after it. Timestamps below zero are questions: -1 latest, -2 earliest, -3 the largest timestamp
(v7), -4 earliest local (v8), -5 latest tiered (v9), -6 earliest waiting to be tiered (v11).
"""

from collections import Counter
from functools import partial

from kafkacompat.partitions.partition import Partition
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Held
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsPartitionResponse,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
    ListOffsetsTopicResponse,
)
from kafkacompat_storage.queries import find_max_timestamp, find_timestamp

LATEST, EARLIEST, MAX_TIMESTAMP = -1, -2, -3
EARLIEST_LOCAL, LATEST_TIERED, EARLIEST_PENDING_UPLOAD = -4, -5, -6
FIRST_VERSIONS = {
    MAX_TIMESTAMP: 7,
    EARLIEST_LOCAL: 8,
    LATEST_TIERED: 9,
    EARLIEST_PENDING_UPLOAD: 11,
}
NEVER_THE_END = {EARLIEST, EARLIEST_LOCAL, LATEST_TIERED, EARLIEST_PENDING_UPLOAD}
NOT_FOUND = (-1, -1, -1)


def refuse(
    request: ListOffsetsRequest, code: ErrorCode, message: str | None
) -> ListOffsetsResponse:
    """Answer every partition with one error."""
    return ListOffsetsResponse(
        topics=[
            ListOffsetsTopicResponse(
                name=topic.name,
                partitions=[_failed(p.partition_index, code) for p in topic.partitions],
            )
            for topic in request.topics
        ]
    )


@handles(
    ListOffsetsRequest,
    versions="0-11",
    authorise=needs(Operation.DESCRIBE, Resource.TOPIC, per_item=True),
    refuse=refuse,
)
def list_offsets(call: Call, request: ListOffsetsRequest) -> ListOffsetsResponse | Held:
    """Look each partition up. Errors, per partition: those of `Partitions.find`.

    Whoever has an acknowledgement finds his records: what is appended, and not durable yet, is
    waited for, as nobody may see it before.
    """
    answer = partial(_answer, call, request)
    if any(_lags(call, topic, wanted) for topic in request.topics for wanted in topic.partitions):
        return Held(call.node.journal.last_ticket, answer, needs_sync=True)
    return answer()


def _lags(call: Call, topic: ListOffsetsTopic, wanted: ListOffsetsPartition) -> bool:
    """Whether a partition has records that cannot be shown yet, and that the answer may name."""
    if wanted.timestamp in NEVER_THE_END:
        return False
    partition = call.node.partitions.if_open(topic.name, wanted.partition_index)
    return partition is not None and partition.log.end_offset > partition.log.high_watermark


def _answer(call: Call, request: ListOffsetsRequest) -> ListOffsetsResponse:
    return ListOffsetsResponse(
        topics=[
            ListOffsetsTopicResponse(
                name=topic.name,
                partitions=_partitions(call, topic, request.isolation_level),
            )
            for topic in request.topics
        ]
    )


def _failed(index: int, code: ErrorCode) -> ListOffsetsPartitionResponse:
    return ListOffsetsPartitionResponse(partition_index=index, error_code=code)


def _partitions(
    call: Call, topic: ListOffsetsTopic, isolation_level: int
) -> list[ListOffsetsPartitionResponse]:
    """Answer each partition once; one that is named twice is refused, as Kafka does."""
    counts = Counter(wanted.partition_index for wanted in topic.partitions)
    once = {wanted.partition_index: wanted for wanted in topic.partitions}
    return [
        _partition(call, topic.name, wanted, isolation_level)
        if counts[index] == 1
        else _failed(index, ErrorCode.INVALID_REQUEST)
        for index, wanted in once.items()
    ]


def _partition(
    call: Call, topic: str, wanted: ListOffsetsPartition, isolation_level: int
) -> ListOffsetsPartitionResponse:
    index = wanted.partition_index
    code = call.check(Operation.DESCRIBE, Resource.TOPIC, topic)
    if code:
        return _failed(index, code)
    try:
        partition = call.node.partitions.find(topic, index)
        partition.check_epoch(wanted.current_leader_epoch)
        if call.version == 0:
            return ListOffsetsPartitionResponse(
                partition_index=index, error_code=0, old_style_offsets=_old_style(partition, wanted)
            )
        if call.version < FIRST_VERSIONS.get(wanted.timestamp, 0):
            raise KafkaError(ErrorCode.UNSUPPORTED_VERSION)
        timestamp, offset, epoch = _look_up(partition, wanted.timestamp, isolation_level)
    except KafkaError as error:
        return _failed(index, error.code)
    return ListOffsetsPartitionResponse(
        partition_index=index, error_code=0, timestamp=timestamp, offset=offset, leader_epoch=epoch
    )


def _look_up(partition: Partition, timestamp: int, isolation_level: int) -> tuple[int, int, int]:
    """Return the timestamp, offset and leader epoch that answer one question."""
    log = partition.log
    end = partition.readable_end(isolation_level)
    if timestamp == LATEST:
        return -1, end, partition.leader_epoch
    if timestamp in (EARLIEST, EARLIEST_LOCAL):
        epoch = log.epochs.epoch_of(log.log_start_offset)
        if epoch < 0 and log.log_start_offset == log.end_offset:
            epoch = partition.leader_epoch  # What comes first will be of this epoch.
        return -1, log.log_start_offset, epoch
    if timestamp in (LATEST_TIERED, EARLIEST_PENDING_UPLOAD):
        return NOT_FOUND
    if timestamp == MAX_TIMESTAMP:
        found = find_max_timestamp(log)
    elif timestamp >= 0:
        found = find_timestamp(log, timestamp)
    else:
        raise KafkaError(ErrorCode.UNSUPPORTED_VERSION)
    if found is None or found[1] >= end:
        return NOT_FOUND
    return found


def _old_style(partition: Partition, wanted: ListOffsetsPartition) -> list[int]:
    """Return up to max_num_offsets offsets, the newest first, as version 0 has them."""
    log = partition.log
    offsets = [log.log_start_offset]
    if wanted.timestamp == LATEST and log.high_watermark != log.log_start_offset:
        offsets.insert(0, log.high_watermark)
    elif wanted.timestamp >= 0:
        found = find_timestamp(log, wanted.timestamp)
        before = log.high_watermark if found is None else found[1]
        offsets = [before] if before >= log.log_start_offset else []
    return offsets[: max(0, wanted.max_num_offsets)]

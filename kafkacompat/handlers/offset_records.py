"""What OffsetCommit and TxnOffsetCommit write for one partition."""

from typing import Protocol

from kafkacompat.config import keys
from kafkacompat.coordinator.groups.offsets import Committed, TopicPartition, commit_record
from kafkacompat.coordinator.outcome import Write
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat_protocol.errors import ErrorCode


class CommittedPartition(Protocol):
    """A partition of either request."""

    partition_index: int
    committed_offset: int
    committed_leader_epoch: int
    committed_metadata: str | None


def add_offset(
    call: Call,
    group_id: str,
    topic: str,
    item: CommittedPartition,
    times: tuple[int, int],
    records: list[Write],
) -> ErrorCode:
    """Add a partition's record, or return why not; `times` are those of commit and expiry.

    Errors: TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC_OR_PARTITION, OFFSET_METADATA_TOO_LARGE.
    """
    code = call.check(Operation.READ, Resource.TOPIC, topic)
    if code:
        return code
    if call.node.image.partition(topic, item.partition_index) is None:
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    metadata = item.committed_metadata or ""
    if len(metadata) > call.node.config.get(keys.OFFSET_METADATA_MAX_BYTES):
        return ErrorCode.OFFSET_METADATA_TOO_LARGE
    committed = Committed(item.committed_offset, item.committed_leader_epoch, metadata)
    where = TopicPartition(topic, item.partition_index)
    records.append(commit_record(group_id, where, committed, times))
    return ErrorCode.NONE

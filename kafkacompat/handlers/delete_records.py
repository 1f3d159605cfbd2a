"""DeleteRecords (key 21): have partitions begin at later offsets, for good (KIP-107).

Versions differ in their form only.
"""

from kafkacompat.handlers.topic_guards import is_internal
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.delete_records import (
    DeleteRecordsPartition,
    DeleteRecordsPartitionResult,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteRecordsTopicResult,
)
from kafkacompat_storage.names import TopicPartition

HIGH_WATERMARK = -1
NO_LOW_WATERMARK = -1


def refuse(
    request: DeleteRecordsRequest, code: ErrorCode, message: str | None
) -> DeleteRecordsResponse:
    """Answer every partition with one error."""
    return _response(
        {
            TopicPartition(topic.name, wanted.partition_index): _failed(wanted, code)
            for topic in request.topics
            for wanted in topic.partitions
        }
    )


@handles(
    DeleteRecordsRequest,
    versions="0-2",
    authorise=needs(Operation.DELETE, Resource.TOPIC, per_item=True),
    refuse=refuse,
)
async def delete_records(call: Call, request: DeleteRecordsRequest) -> DeleteRecordsResponse:
    """Move the starts of partitions, and answer when all of them are durable.

    Errors, per partition: those of `Partitions.delete_records`, INVALID_TOPIC_EXCEPTION for the
    broker's own topics, KAFKA_STORAGE_ERROR.
    """
    results: dict[TopicPartition, DeleteRecordsPartitionResult] = {}
    for topic in request.topics:
        for wanted in topic.partitions:
            place = TopicPartition(topic.name, wanted.partition_index)
            try:
                results[place] = _delete(call, topic.name, wanted)
            except KafkaError as error:
                results[place] = _failed(wanted, error.code)
    moved = [place for place, result in results.items() if result.error_code == 0]
    if moved:
        try:
            await call.node.in_thread(call.node.store.prepare_log_starts(moved))
        except OSError:
            for place in moved:
                results[place].low_watermark = NO_LOW_WATERMARK
                results[place].error_code = ErrorCode.KAFKA_STORAGE_ERROR
        call.node.upkeep.sweep_soon()
    return _response(results)


def _delete(call: Call, topic: str, wanted: DeleteRecordsPartition) -> DeleteRecordsPartitionResult:
    code = call.check(Operation.DELETE, Resource.TOPIC, topic)
    if code:
        raise KafkaError(code)
    if call.node.image.partition(topic, wanted.partition_index) is None:
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    if is_internal(topic):
        raise KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION)
    if wanted.offset < HIGH_WATERMARK:
        raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE)
    offset = None if wanted.offset == HIGH_WATERMARK else wanted.offset
    start = call.node.partitions.delete_records(topic, wanted.partition_index, offset)
    return DeleteRecordsPartitionResult(
        partition_index=wanted.partition_index, low_watermark=start, error_code=0
    )


def _failed(wanted: DeleteRecordsPartition, code: ErrorCode) -> DeleteRecordsPartitionResult:
    return DeleteRecordsPartitionResult(
        partition_index=wanted.partition_index, low_watermark=NO_LOW_WATERMARK, error_code=code
    )


def _response(
    results: dict[TopicPartition, DeleteRecordsPartitionResult],
) -> DeleteRecordsResponse:
    topics: dict[str, list[DeleteRecordsPartitionResult]] = {}
    for place, result in results.items():
        topics.setdefault(place.topic, []).append(result)
    return DeleteRecordsResponse(
        topics=[
            DeleteRecordsTopicResult(name=name, partitions=partitions)
            for name, partitions in topics.items()
        ]
    )

"""DescribeProducers (key 61): the producers that partitions know, and what they have open."""

from collections.abc import Callable

from kafkacompat.handlers.share_group_offsets import UNKNOWN_TOPIC
from kafkacompat.metadata.topic_names import check_topic_name
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersResponse,
    DescribeProducersResponsePartition,
    DescribeProducersResponseTopic,
    ProducerState,
)


def refuse(
    request: DescribeProducersRequest, code: ErrorCode, message: str | None
) -> DescribeProducersResponse:
    """Answer every partition with one error."""
    return _response(request, lambda topic, index: _failed(index, KafkaError(code, message)))


@handles(
    DescribeProducersRequest,
    versions="0",
    authorise=needs(Operation.READ, Resource.TOPIC, per_item=True),
    refuse=refuse,
)
def describe_producers(call: Call, request: DescribeProducersRequest) -> DescribeProducersResponse:
    """Describe each partition.

    Errors, per partition: INVALID_TOPIC_EXCEPTION, and those of `Partitions.find`.
    """

    def describe(topic: str, index: int) -> DescribeProducersResponsePartition:
        try:
            return _describe(call, topic, index)
        except KafkaError as error:
            return _failed(index, error)

    return _response(request, describe)


def _describe(call: Call, topic: str, index: int) -> DescribeProducersResponsePartition:
    code = call.check(Operation.READ, Resource.TOPIC, topic)
    if code:
        raise KafkaError(code)
    check_topic_name(topic)
    if topic not in call.node.image.topics:
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC)
    producers = call.node.partitions.find(topic, index).log.producers.producers
    return DescribeProducersResponsePartition(
        partition_index=index,
        error_code=0,
        active_producers=[
            ProducerState(
                producer_id=producer_id,
                producer_epoch=known.epoch,
                last_sequence=known.window[-1].last_sequence if known.window else -1,
                last_timestamp=known.last_timestamp,
                coordinator_epoch=known.coordinator_epoch,
                current_txn_start_offset=known.first_offset,
            )
            for producer_id, known in producers.items()
        ],
    )


def _failed(index: int, error: KafkaError) -> DescribeProducersResponsePartition:
    return DescribeProducersResponsePartition(
        partition_index=index,
        error_code=error.code,
        error_message=error.message or None,
        active_producers=[],
    )


def _response(
    request: DescribeProducersRequest,
    describe: Callable[[str, int], DescribeProducersResponsePartition],
) -> DescribeProducersResponse:
    return DescribeProducersResponse(
        topics=[
            DescribeProducersResponseTopic(
                name=topic.name,
                partitions=[describe(topic.name, index) for index in topic.partition_indexes],
            )
            for topic in request.topics
        ]
    )

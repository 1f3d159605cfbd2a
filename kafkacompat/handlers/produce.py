"""Produce (key 0): append record batches, and answer as durably as acks asks.

v0-v2 carry message formats v0 and v1, which are converted; from v3 on a partition's records are
one batch of format v2; zstd needs v7; v12 adds partitions to a transaction by itself; from v13
on topics are named by id.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from kafkacompat.handlers.topic_guards import is_internal
from kafkacompat.partitions.partition import Partition
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Held, Reply, pass_on
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.produce import (
    BatchIndexAndErrorMessage,
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
    TopicProduceResponse,
)
from kafkacompat_protocol.records.batch import HEADER_SIZE
from kafkacompat_storage.appended import Appended
from kafkacompat_storage.validate import InvalidRecords

if TYPE_CHECKING:
    from kafkacompat.handlers.produce_transactions import Verdicts

ABOUT_PRODUCERS = (
    ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
    ErrorCode.INVALID_PRODUCER_EPOCH,
    ErrorCode.UNKNOWN_PRODUCER_ID,
)
ACKS_NONE, ACKS_LEADER, ACKS_ALL = 0, 1, -1
MAGIC_AT, ATTRIBUTES_LOW_AT = 16, 22
MASK_COMPRESSION, ZSTD, TRANSACTIONAL_BIT = 0x07, 4, 0x10
FIRST_VERSION_WITH_V2, FIRST_VERSION_WITH_ZSTD, FIRST_VERSION_WITH_IDS = 3, 7, 13
FIRST_VERSION_WITH_LEADERS = 10


def refuse(request: ProduceRequest, code: ErrorCode, message: str | None) -> ProduceResponse:
    """Answer every partition with one error."""
    return ProduceResponse(
        responses=[
            TopicProduceResponse(
                name=topic.name,
                topic_id=topic.topic_id,
                partition_responses=[
                    _failed(data.index, KafkaError(code, message)) for data in topic.partition_data
                ],
            )
            for topic in request.topic_data
        ]
    )


@handles(
    ProduceRequest,
    versions="0-13",
    authorise=needs(Operation.WRITE, Resource.TOPIC, per_item=True),
    refuse=refuse,
    overlaps=True,
)
def produce(call: Call, request: ProduceRequest) -> ProduceResponse | Held | Reply | None:
    """Append what each partition gets; the answer is held until that is as durable as acks asks.

    Errors, per partition: INVALID_REQUIRED_ACKS, NOT_ENOUGH_REPLICAS with acks=all, and those of
    `PartitionLog.append`. With acks=0 an error closes the connection, as there is no answer to
    carry it.
    """
    if request.acks not in (ACKS_NONE, ACKS_LEADER, ACKS_ALL):
        return _finish(
            call, request.acks, refuse(request, ErrorCode.INVALID_REQUIRED_ACKS, None), []
        )
    is_old = call.version < FIRST_VERSION_WITH_V2
    if is_old or call.node.partitions.reads_records:
        from kafkacompat.handlers.produce_records import prepare_all

        then = partial(_append_prepared, call, request)
        return prepare_all(call, request, _find, is_old=is_old, then=then)
    return _append_prepared(call, request)


def _append_prepared(call: Call, request: ProduceRequest) -> ProduceResponse | Held | Reply | None:
    if request.transactional_id is not None:
        return _in_transaction(call, request, request.transactional_id)
    return _append_all(call, request, {})


def _append_all(
    call: Call, request: ProduceRequest, verdicts: "Verdicts"
) -> ProduceResponse | Held | None:
    """Append to every partition but those that there is a verdict against."""
    acks = request.acks
    appends: list[tuple[Appended, PartitionProduceResponse]] = []
    responses = []
    ticket = 0
    for topic in request.topic_data:
        answers = []
        for data in topic.partition_data:
            answer, appended = _append(call, request, topic, data, verdicts)
            answers.append(answer)
            if appended is not None:
                appends.append((appended, answer))
                ticket = max(ticket, appended.ticket)
        responses.append(
            TopicProduceResponse(
                name=topic.name, topic_id=topic.topic_id, partition_responses=answers
            )
        )
    response = ProduceResponse(responses=responses)
    if call.node.members.racks is not None and call.version >= FIRST_VERSION_WITH_LEADERS:
        from kafkacompat.handlers.new_leaders import tell_producer

        tell_producer(call, response)
    finish = partial(_finish, call, acks, response, appends)
    return Held(ticket, finish, needs_sync=acks == ACKS_ALL) if appends else finish()


def _in_transaction(
    call: Call, request: ProduceRequest, transactional_id: str
) -> ProduceResponse | Held | Reply | None:
    """Append once the transaction is known to include the partitions."""
    from kafkacompat.handlers import produce_transactions as transactions

    code = call.check(Operation.WRITE, Resource.TRANSACTIONAL_ID, transactional_id)
    if code:
        return _finish(call, request.acks, refuse(request, code, None), [])
    wanted = transactions.unopened(call, request, partial(_find, call))
    if not wanted:
        return _append_all(call, request, {})
    if call.version < transactions.FIRST_VERSION_THAT_ADDS:
        return _append_all(call, request, transactions.verify(call, transactional_id, wanted))
    keep_records(request)
    reply = Reply()

    def added(verdicts: "Verdicts") -> None:
        pass_on(call.node, _append_all(call, request, verdicts), reply)

    transactions.add(call, transactional_id, wanted, added)
    return reply


def _finish(
    call: Call,
    acks: int,
    response: ProduceResponse,
    appends: list[tuple[Appended, PartitionProduceResponse]],
) -> ProduceResponse | None:
    """Return the answer, now that what was appended is durable or lost."""
    for appended, answer in appends:
        if appended.error is not None:
            answer.error_code = appended.error.code
            answer.error_message = appended.error.message
            answer.base_offset = -1
    if acks != ACKS_NONE:
        return response
    if any(p.error_code for topic in response.responses for p in topic.partition_responses):
        call.connection.close()
    return None


def _append(
    call: Call,
    request: ProduceRequest,
    topic: TopicProduceData,
    data: PartitionProduceData,
    verdicts: "Verdicts",
) -> tuple[PartitionProduceResponse, Appended | None]:
    """Append to one partition; return its slot of the answer, and what was appended."""
    partition = None
    try:
        partition = _find(call, topic, data.index)
        records = _acceptable(call.version, data.records, request.transactional_id)
        if verdicts and (refusal := verdicts.get((partition.topic, data.index))) is not None:
            raise refusal
        if partition.lacks_replicas and request.acks == ACKS_ALL:
            raise KafkaError(ErrorCode.NOT_ENOUGH_REPLICAS)
        appended = call.node.journal.stage(
            partition.log,
            records,
            now_ms=call.node.clock.wall_ms(),
            leader_epoch=partition.leader_epoch,
            converted=call.version < FIRST_VERSION_WITH_V2,
        )
    except KafkaError as error:
        failed = _failed(data.index, error)
        if partition is not None and error.code in ABOUT_PRODUCERS:
            failed.log_start_offset = partition.log.log_start_offset
        return failed, None
    answer = PartitionProduceResponse(
        index=data.index,
        error_code=0,
        base_offset=appended.base_offset,
        log_append_time_ms=appended.log_append_time_ms,
        log_start_offset=appended.log_start_offset,
    )
    return answer, appended


def keep_records(request: ProduceRequest) -> None:
    """Have the records outlive the frame that they came in, which is good for one call only."""
    for topic in request.topic_data:
        for data in topic.partition_data:
            records: Any = data.records
            if isinstance(records, memoryview):
                data.records = memoryview(bytearray(records))


def _find(call: Call, topic: TopicProduceData, index: int) -> Partition:
    partitions = call.node.partitions
    if call.version >= FIRST_VERSION_WITH_IDS:
        partition = partitions.find_by_id(topic.topic_id, index)
    else:
        partition = partitions.find(topic.name, index)
    code = call.check(Operation.WRITE, Resource.TOPIC, partition.topic)
    if code:
        raise KafkaError(code)
    if is_internal(partition.topic):
        raise KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION, "Internal topics take no records.")
    return partition


def _acceptable(version: int, records: Any, transactional_id: str | None) -> memoryview:
    """Return a partition's records as v2 batches, after what depends on the request's version."""
    if isinstance(records, KafkaError):  # They were looked at before, and refused.
        raise records
    if not records:
        raise KafkaError(ErrorCode.INVALID_RECORD, "Produce requests must carry a record batch.")
    view: memoryview = records
    if version < FIRST_VERSION_WITH_V2:
        return view  # converted already
    if len(records) < HEADER_SIZE:
        raise KafkaError(ErrorCode.CORRUPT_MESSAGE, "Shorter than a record batch.")
    if records[MAGIC_AT] != 2:
        raise KafkaError(
            ErrorCode.INVALID_RECORD,
            f"Produce v{version} takes record batches with magic version 2 only.",
        )
    attributes = records[ATTRIBUTES_LOW_AT]
    if attributes & MASK_COMPRESSION == ZSTD and version < FIRST_VERSION_WITH_ZSTD:
        raise KafkaError(
            ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, f"Produce v{version} does not take zstd."
        )
    if attributes & TRANSACTIONAL_BIT and transactional_id is None:
        raise KafkaError(
            ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, "Whose transaction is this?"
        )
    return view


def _failed(index: int, error: KafkaError) -> PartitionProduceResponse:
    named = error.record_errors if isinstance(error, InvalidRecords) else []
    return PartitionProduceResponse(
        index=index,
        error_code=error.code,
        base_offset=-1,
        record_errors=[
            BatchIndexAndErrorMessage(batch_index=at, batch_index_error_message=why)
            for at, why in named
        ],
        error_message=error.message,
    )

"""AddPartitionsToTxn (key 24): have a transaction include partitions.

Before v2 a fenced producer is told INVALID_PRODUCER_EPOCH; v4 and v5 are what brokers send:
several transactions, some only to be verified (KIP-890).
"""

from collections.abc import Sequence

from kafkacompat.coordinator.transactions.coordinator import refusal_of
from kafkacompat.coordinator.transactions.state import V0, V2, TopicIndex
from kafkacompat.coordinator.transactions.transaction import Answered, Identity
from kafkacompat.handlers.topic_guards import is_internal
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import wait_for
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnPartitionResult,
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnResult,
    AddPartitionsToTxnTopic,
    AddPartitionsToTxnTopicResult,
    AddPartitionsToTxnTransaction,
)

FIRST_VERSION_WITH_FENCED, FIRST_VERSION_OF_BROKERS = 2, 4
Codes = dict[TopicIndex, ErrorCode]


def _transactions(
    request: AddPartitionsToTxnRequest, version: int
) -> Sequence[AddPartitionsToTxnTransaction]:
    """Return what is asked for, in the form that v4 has."""
    if version >= FIRST_VERSION_OF_BROKERS:
        return request.transactions
    only = AddPartitionsToTxnTransaction(
        transactional_id=request.v3_and_below_transactional_id,
        producer_id=request.v3_and_below_producer_id,
        producer_epoch=request.v3_and_below_producer_epoch,
        topics=request.v3_and_below_topics,
    )
    return [only]


def refuse(
    request: AddPartitionsToTxnRequest, code: ErrorCode, message: str | None
) -> AddPartitionsToTxnResponse:
    """Answer every partition with one error: at the top from v4 on."""
    topics = request.v3_and_below_topics
    return AddPartitionsToTxnResponse(
        error_code=code,
        results_by_topic_v3_and_below=_results(topics, dict.fromkeys(_named(topics), code)),
    )


@handles(
    AddPartitionsToTxnRequest,
    versions="0-5",
    authorise=needs(Operation.WRITE, Resource.TRANSACTIONAL_ID, per_item=True),
    refuse=refuse,
)
async def add_partitions_to_txn(
    call: Call, request: AddPartitionsToTxnRequest
) -> AddPartitionsToTxnResponse:
    """Add, or verify. If one partition cannot be added, none is: OPERATION_NOT_ATTEMPTED.

    Errors, per partition: UNKNOWN_TOPIC_OR_PARTITION, those of `Transaction.add` and `holds`.
    """
    asked = _transactions(request, call.version)
    results = [(wanted, await _serve(call, wanted)) for wanted in asked]
    if call.version < FIRST_VERSION_OF_BROKERS:
        wanted, codes = results[0]
        return AddPartitionsToTxnResponse(
            results_by_topic_v3_and_below=_results(wanted.topics, codes)
        )
    return AddPartitionsToTxnResponse(
        results_by_transaction=[
            AddPartitionsToTxnResult(
                transactional_id=wanted.transactional_id,
                topic_results=_results(wanted.topics, codes),
            )
            for wanted, codes in results
        ]
    )


async def _serve(call: Call, wanted: AddPartitionsToTxnTransaction) -> Codes:
    """Return the code of each partition of one transaction."""
    partitions = _named(wanted.topics)
    code = call.check(Operation.WRITE, Resource.TRANSACTIONAL_ID, wanted.transactional_id)
    if code:
        return dict.fromkeys(partitions, code)
    codes = {partition: _refusal(call, *partition) for partition in partitions}
    if any(codes.values()):
        return {
            partition: code or ErrorCode.OPERATION_NOT_ATTEMPTED
            for partition, code in codes.items()
        }
    try:
        return await _add_or_verify(call, wanted, partitions)
    except KafkaError as error:
        return dict.fromkeys(partitions, error.code)


async def _add_or_verify(
    call: Call, wanted: AddPartitionsToTxnTransaction, partitions: list[TopicIndex]
) -> Codes:
    transactions = call.node.transactions
    producer = Identity(wanted.producer_id, wanted.producer_epoch)
    if wanted.verify_only:
        found = {p: transactions.holds(wanted.transactional_id, producer, p) for p in partitions}
        return {
            partition: ErrorCode.TRANSACTION_ABORTABLE
            if code is ErrorCode.INVALID_TXN_STATE
            else code
            for partition, code in found.items()
        }
    version = V2 if call.version >= FIRST_VERSION_OF_BROKERS else V0
    answered: Answered = await wait_for(
        transactions.add(wanted.transactional_id, producer, frozenset(partitions), version)
    )
    code = refusal_of(answered, fenced_is_known=call.version >= FIRST_VERSION_WITH_FENCED)
    return dict.fromkeys(partitions, code)


def _refusal(call: Call, topic: str, index: int) -> ErrorCode:
    code = call.check(Operation.WRITE, Resource.TOPIC, topic)
    if code or is_internal(topic):
        return code or ErrorCode.TOPIC_AUTHORIZATION_FAILED
    if call.node.image.partition(topic, index) is None:
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    return ErrorCode.NONE


def _named(topics: Sequence[AddPartitionsToTxnTopic]) -> list[TopicIndex]:
    return [(topic.name, index) for topic in topics for index in topic.partitions]


def _results(
    topics: Sequence[AddPartitionsToTxnTopic], codes: Codes
) -> list[AddPartitionsToTxnTopicResult]:
    return [
        AddPartitionsToTxnTopicResult(
            name=topic.name,
            results_by_partition=[
                AddPartitionsToTxnPartitionResult(
                    partition_index=index, partition_error_code=codes[topic.name, index]
                )
                for index in topic.partitions
            ],
        )
        for topic in topics
    ]

"""DescribeTransactions (key 65): what transactional ids are doing."""

from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.describe_transactions import (
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
    TransactionDescription,
    TransactionTopic,
)


def refuse(
    request: DescribeTransactionsRequest, code: ErrorCode, message: str | None
) -> DescribeTransactionsResponse:
    """Answer every id with one error."""
    return DescribeTransactionsResponse(
        transaction_states=[_failed(name, code) for name in request.transactional_ids]
    )


@handles(
    DescribeTransactionsRequest,
    versions="0",
    authorise=needs(Operation.DESCRIBE, Resource.TRANSACTIONAL_ID, per_item=True),
    refuse=refuse,
)
def describe_transactions(
    call: Call, request: DescribeTransactionsRequest
) -> DescribeTransactionsResponse:
    """Describe each id.

    Errors, per id: TRANSACTIONAL_ID_NOT_FOUND, those of `TransactionCoordinator.shard`.
    """
    found = []
    for name in request.transactional_ids:
        try:
            found.append(_describe(call, name))
        except KafkaError as error:
            found.append(_failed(name, error.code))
    return DescribeTransactionsResponse(transaction_states=found)


def _describe(call: Call, name: str) -> TransactionDescription:
    code = call.check(Operation.DESCRIBE, Resource.TRANSACTIONAL_ID, name)
    if code:
        raise KafkaError(code)
    transaction = call.node.transactions.shard(name).transactions.get(name)
    if transaction is None or transaction.state is None:
        raise KafkaError(ErrorCode.TRANSACTIONAL_ID_NOT_FOUND)
    state = transaction.state
    return TransactionDescription(
        error_code=0,
        transactional_id=name,
        transaction_state=state.status.title,
        transaction_timeout_ms=state.timeout_ms,
        transaction_start_time_ms=state.started_ms,
        producer_id=state.producer_id,
        producer_epoch=state.epoch,
        topics=[
            TransactionTopic(topic=topic, partitions=indexes)
            for topic, indexes in state.by_topic().items()
            if not call.check(Operation.DESCRIBE, Resource.TOPIC, topic)
        ],
    )


def _failed(name: str, code: ErrorCode) -> TransactionDescription:
    return TransactionDescription(
        error_code=code,
        transactional_id=name,
        transaction_state="",
        transaction_timeout_ms=0,
        transaction_start_time_ms=0,
        producer_id=0,
        producer_epoch=0,
        topics=[],
    )

"""InitProducerId (key 22): a producer id, and with a transactional id the right to use that.

v3 lets a producer that lost track keep its id and take the next epoch (KIP-360); before v4 a
fenced producer is told INVALID_PRODUCER_EPOCH (KIP-588).
"""

from kafkacompat.coordinator.transactions.coordinator import refusal_of
from kafkacompat.coordinator.transactions.transaction import NOBODY, Answered, Identity
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply, wait_for
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.init_producer_id import (
    InitProducerIdRequest,
    InitProducerIdResponse,
)

FIRST_VERSION_WITH_FENCED = 4


def refuse(
    request: InitProducerIdRequest, code: ErrorCode, message: str | None
) -> InitProducerIdResponse:
    """Answer with an error."""
    return InitProducerIdResponse(error_code=code, producer_epoch=NOBODY.epoch)


@handles(
    InitProducerIdRequest,
    versions="0-5",
    authorise=needs(Operation.IDEMPOTENT_WRITE, Resource.CLUSTER),
    refuse=refuse,
)
async def init_producer_id(call: Call, request: InitProducerIdRequest) -> InitProducerIdResponse:
    """Give out a producer id and epoch. An idempotent producer always gets a new id, epoch 0.

    Errors: INVALID_REQUEST; those of `Transaction.init` and `TransactionCoordinator.shard`.
    """
    if (request.producer_id < 0) != (request.producer_epoch < 0):
        raise KafkaError(ErrorCode.INVALID_REQUEST)
    if request.transactional_id is not None:
        return await _transactional(call, request, request.transactional_id)
    code = call.check(Operation.IDEMPOTENT_WRITE, Resource.CLUSTER, "kafka-cluster")
    if code:
        raise KafkaError(code)
    producer_id = await call.node.controller.next_producer_id()
    return InitProducerIdResponse(error_code=0, producer_id=producer_id, producer_epoch=0)


async def _transactional(
    call: Call, request: InitProducerIdRequest, transactional_id: str
) -> InitProducerIdResponse:
    code = call.check(Operation.WRITE, Resource.TRANSACTIONAL_ID, transactional_id)
    if code:
        raise KafkaError(code)
    transactions = call.node.transactions
    producer_id = NOBODY.producer_id
    if transactions.shard(transactional_id).transaction(transactional_id).needs_producer_id():
        producer_id = await call.node.controller.next_producer_id()
    shard = transactions.shard(transactional_id)
    reply = Reply()
    outcome = shard.transaction(transactional_id).init(
        request.transaction_timeout_ms,
        Identity(request.producer_id, request.producer_epoch),
        producer_id,
        call.node.clock.wall_ms(),
        reply,
    )
    transactions.run(shard, outcome, transactional_id)
    answered: Answered = await wait_for(reply)
    return InitProducerIdResponse(
        error_code=refusal_of(answered, fenced_is_known=call.version >= FIRST_VERSION_WITH_FENCED),
        producer_id=answered.producer.producer_id,
        producer_epoch=answered.producer.epoch,
    )

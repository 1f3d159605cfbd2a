"""EndTxn (key 26): commit or abort a transaction.

Before v2 a fenced producer is told INVALID_PRODUCER_EPOCH; v5 gives out an epoch with every
transaction (KIP-890).
"""

from kafkacompat.coordinator.transactions.coordinator import refusal_of
from kafkacompat.coordinator.transactions.state import V0, V2
from kafkacompat.coordinator.transactions.transaction import NOBODY, Answered, Identity
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply, wait_for
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.messages.end_txn import EndTxnRequest, EndTxnResponse

FIRST_VERSION_WITH_FENCED, FIRST_VERSION_WITH_EPOCHS = 2, 5


@handles(
    EndTxnRequest,
    versions="0-5",
    authorise=needs(Operation.WRITE, Resource.TRANSACTIONAL_ID),
)
async def end_txn(call: Call, request: EndTxnRequest) -> EndTxnResponse:
    """Decide a transaction; the answer comes when that is durable, the markers come after.

    Errors: those of `Transaction.end` and `TransactionCoordinator.shard`.
    """
    transactional_id = request.transactional_id
    code = call.check(Operation.WRITE, Resource.TRANSACTIONAL_ID, transactional_id)
    if code:
        raise KafkaError(code)
    transactions = call.node.transactions
    bumps = call.version >= FIRST_VERSION_WITH_EPOCHS
    producer_id = NOBODY.producer_id
    found = transactions.shard(transactional_id).transactions.get(transactional_id)
    if bumps and found is not None and found.needs_producer_id():
        producer_id = await call.node.controller.next_producer_id()
    shard = transactions.shard(transactional_id)
    reply = Reply()
    outcome = shard.transaction(transactional_id).end(
        Identity(request.producer_id, request.producer_epoch),
        commit=request.committed,
        client_version=V2 if bumps else V0,
        new_producer_id=producer_id,
        wall_ms=call.node.clock.wall_ms(),
        ticket=reply,
    )
    transactions.run(shard, outcome, transactional_id)
    answered: Answered = await wait_for(reply)
    return EndTxnResponse(
        error_code=refusal_of(answered, fenced_is_known=call.version >= FIRST_VERSION_WITH_FENCED),
        producer_id=answered.producer.producer_id,
        producer_epoch=answered.producer.epoch,
    )

"""AddOffsetsToTxn (key 25): have a transaction include the offsets of a group.

Before v2 a fenced producer is told INVALID_PRODUCER_EPOCH.
"""

from kafkacompat.coordinator.transactions.coordinator import refusal_of
from kafkacompat.coordinator.transactions.state import V0
from kafkacompat.coordinator.transactions.transaction import Answered, Identity
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import wait_for
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.messages.add_offsets_to_txn import (
    AddOffsetsToTxnRequest,
    AddOffsetsToTxnResponse,
)

FIRST_VERSION_WITH_FENCED = 2


@handles(
    AddOffsetsToTxnRequest,
    versions="0-4",
    authorise=needs(Operation.WRITE, Resource.TRANSACTIONAL_ID),
)
async def add_offsets_to_txn(
    call: Call, request: AddOffsetsToTxnRequest
) -> AddOffsetsToTxnResponse:
    """Add the partition of `__consumer_offsets` that the group's offsets are in.

    Errors: those of `Transaction.add`, `TransactionCoordinator.shard` and of the group's shard.
    """
    code = call.check(Operation.WRITE, Resource.TRANSACTIONAL_ID, request.transactional_id)
    code = code or call.check(Operation.READ, Resource.GROUP, request.group_id)
    if code:
        raise KafkaError(code)
    groups = call.node.groups
    if not groups.has_topic:
        await groups.ensure_topic()
    answered: Answered = await wait_for(
        call.node.transactions.add(
            request.transactional_id,
            Identity(request.producer_id, request.producer_epoch),
            frozenset({(groups.topic, groups.index_of(request.group_id))}),
            V0,
        )
    )
    return AddOffsetsToTxnResponse(
        error_code=refusal_of(answered, fenced_is_known=call.version >= FIRST_VERSION_WITH_FENCED)
    )

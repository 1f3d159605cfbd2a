"""ListTransactions (key 66): the transactional ids of this coordinator, by what they are doing.

v1 adds a filter by how long a transaction has been open (KIP-994), v2 one by a pattern of the
id (KIP-1152), which is RE2's.
"""

from kafkacompat.coordinator.patterns import Pattern, compile_pattern
from kafkacompat.coordinator.transactions.state import TxnState, TxnStatus
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.messages.list_transactions import (
    ListedTransaction,
    ListTransactionsRequest,
    ListTransactionsResponse,
)

BY_TITLE = {status.title: status for status in TxnStatus}


@handles(
    ListTransactionsRequest,
    versions="0-2",
    authorise=needs(Operation.DESCRIBE, Resource.TRANSACTIONAL_ID, per_item=True),
)
def list_transactions(call: Call, request: ListTransactionsRequest) -> ListTransactionsResponse:
    """List what passes every filter.

    Errors: INVALID_REGULAR_EXPRESSION, and those of `Coordinator.shards`.
    """
    pattern = None
    if request.transactional_id_pattern:
        pattern = compile_pattern(request.transactional_id_pattern)
    unknown = [title for title in request.state_filters if title not in BY_TITLE]
    wanted = {BY_TITLE[title] for title in request.state_filters if title in BY_TITLE}
    found: list[ListedTransaction] = []
    if unknown and not wanted:
        return ListTransactionsResponse(
            error_code=0, unknown_state_filters=unknown, transaction_states=[]
        )
    for shard in call.node.transactions.shards():
        for name, transaction in shard.transactions.items():
            state = transaction.state
            if (
                state is not None
                and (not wanted or state.status in wanted)
                and _passes(call, request, name, state, pattern)
            ):
                listed = ListedTransaction(
                    transactional_id=name,
                    producer_id=state.producer_id,
                    transaction_state=state.status.title,
                )
                found.append(listed)
    return ListTransactionsResponse(
        error_code=0, unknown_state_filters=unknown, transaction_states=found
    )


def _passes(
    call: Call,
    request: ListTransactionsRequest,
    name: str,
    state: TxnState,
    pattern: Pattern | None,
) -> bool:
    if call.check(Operation.DESCRIBE, Resource.TRANSACTIONAL_ID, name):
        return False
    if request.producer_id_filters and state.producer_id not in request.producer_id_filters:
        return False
    if request.duration_filter >= 0:
        open_ms = call.node.clock.wall_ms() - state.started_ms
        if open_ms <= request.duration_filter:  # One that never began passes, as in Kafka.
            return False
    return pattern is None or pattern.fullmatch(name) is not None

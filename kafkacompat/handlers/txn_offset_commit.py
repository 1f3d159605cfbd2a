"""TxnOffsetCommit (key 28): commit a group's offsets as part of a transaction.

v2 adds leader epochs; v3 the member (KIP-447); v5 adds the group to the transaction by itself
(KIP-890).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from kafkacompat.coordinator.groups.shard import GroupShard
from kafkacompat.coordinator.outcome import Outcome, ProducerOf, Write
from kafkacompat.coordinator.transactions.state import V2
from kafkacompat.coordinator.transactions.transaction import Answered, Identity
from kafkacompat.handlers.offset_records import add_offset
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply, wait_for
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
)

if TYPE_CHECKING:
    from kafkacompat.coordinator.transactions.coordinator import TransactionCoordinator

FIRST_VERSION_THAT_ADDS = 5
FIRST_VERSION_WITH_ABORTABLE = 4
LONGEST_WAIT_MS = 1_000
"""How long offsets wait for the end of the transaction before their own; not all clients retry."""
Codes = Callable[[str, TxnOffsetCommitRequestPartition], ErrorCode]


def _response(request: TxnOffsetCommitRequest, code_of: Codes) -> TxnOffsetCommitResponse:
    return TxnOffsetCommitResponse(
        topics=[
            TxnOffsetCommitResponseTopic(
                name=topic.name,
                partitions=[
                    TxnOffsetCommitResponsePartition(
                        partition_index=item.partition_index, error_code=code_of(topic.name, item)
                    )
                    for item in topic.partitions
                ],
            )
            for topic in request.topics
        ]
    )


def refuse(
    request: TxnOffsetCommitRequest, code: ErrorCode, message: str | None
) -> TxnOffsetCommitResponse:
    """Answer every partition with one error."""
    return _response(request, lambda topic, item: code)


@handles(
    TxnOffsetCommitRequest,
    versions="0-5",
    authorise=needs(Operation.READ, Resource.GROUP),
    refuse=refuse,
)
async def txn_offset_commit(call: Call, request: TxnOffsetCommitRequest) -> TxnOffsetCommitResponse:
    """Write the offsets into the transaction; they count once it is committed.

    Errors: those of `GroupShard.check_sender`, of `Transaction.add` and `holds`, and of the shards;
    per partition UNKNOWN_TOPIC_OR_PARTITION, OFFSET_METADATA_TOO_LARGE.
    """
    code = call.check(Operation.WRITE, Resource.TRANSACTIONAL_ID, request.transactional_id)
    code = code or call.check(Operation.READ, Resource.GROUP, request.group_id)
    if code:
        raise KafkaError(code)
    producer = Identity(request.producer_id, request.producer_epoch)
    shard = _shard_for(call, request)
    if not shard.partition.log.producers.is_open(*producer):
        await _include(call, request, producer)
        shard = _shard_for(call, request)  # others may have been served meanwhile
    known = shard.partition.log.producers.producers.get(producer.producer_id)
    if known is not None and known.epoch > producer.epoch:
        raise KafkaError(ErrorCode.INVALID_PRODUCER_EPOCH)
    records: list[Write] = []
    times = (call.node.clock.wall_ms(), -1)

    def add(topic: str, item: TxnOffsetCommitRequestPartition) -> ErrorCode:
        return add_offset(call, request.group_id, topic, item, times, records)

    response = _response(request, add)
    if records:
        reply = Reply()
        outcome = Outcome(
            records=records, replies=[(reply, response)], producer=ProducerOf(*producer)
        )
        call.node.groups.run(shard, outcome)
        await wait_for(reply)
    return response


def _shard_for(call: Call, request: TxnOffsetCommitRequest) -> GroupShard:
    """Return the group's shard, if this sender may commit. Errors: see `txn_offset_commit`."""
    shard = call.node.groups.shard(request.group_id)
    shard.check_classic(request.group_id, ErrorCode.GROUP_ID_NOT_FOUND)
    if request.generation_id >= 0 or request.member_id or request.group_instance_id is not None:
        code = shard.check_sender(
            request.group_id, request.generation_id, request.member_id, request.group_instance_id
        )
        if code is ErrorCode.STALE_MEMBER_EPOCH:
            code = ErrorCode.ILLEGAL_GENERATION  # which is what these clients know
        if code:
            raise KafkaError(code)
    return shard


async def _completion(
    call: Call, transactions: "TransactionCoordinator", transactional_id: str, until_ms: int
) -> None:
    """Wait until the transaction before is complete, but not for longer than that."""
    done = Reply()

    def resolve() -> None:
        if not done.is_done:
            done.resolve(None)

    transactions.when_complete(transactional_id, resolve)
    call.node.timers.at(until_ms, resolve)
    if not transactions.is_ending(transactional_id):
        resolve()
    await wait_for(done)
    transactions.stop_waiting(transactional_id, resolve)


async def _include(call: Call, request: TxnOffsetCommitRequest, producer: Identity) -> None:
    """Add the group's partition to the transaction, or see that it is in it.

    Errors: those of `Transaction.add` and `holds`.
    """
    groups = call.node.groups
    transactions = call.node.transactions.at(request.transactional_id)
    partition = (groups.topic, groups.index_of(request.group_id))
    if call.version >= FIRST_VERSION_THAT_ADDS:
        until_ms = call.node.clock.monotonic_ms() + LONGEST_WAIT_MS
        code = ErrorCode.CONCURRENT_TRANSACTIONS
        while code is ErrorCode.CONCURRENT_TRANSACTIONS:
            answered: Answered = await wait_for(
                transactions.add(request.transactional_id, producer, frozenset({partition}), V2)
            )
            code = answered.code
            if call.node.clock.monotonic_ms() >= until_ms:
                break
            if code is ErrorCode.CONCURRENT_TRANSACTIONS:
                await _completion(call, transactions, request.transactional_id, until_ms)
    else:
        code = transactions.holds(request.transactional_id, producer, partition)
    if code is ErrorCode.PRODUCER_FENCED:
        code = ErrorCode.INVALID_PRODUCER_EPOCH
    if code is ErrorCode.INVALID_TXN_STATE and call.version >= FIRST_VERSION_WITH_ABORTABLE:
        code = ErrorCode.TRANSACTION_ABORTABLE
    if code:
        raise KafkaError(code)

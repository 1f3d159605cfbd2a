"""Before transactional batches are appended: their partition must be in the transaction.

Only the first batch of a transaction in a partition asks. Old clients have added the partition
before (AddPartitionsToTxn), so that it is looked up; new ones (Produce v12, KIP-890) leave it to
us, and the batch waits until that is durable. So no batch can come late, after the end of its
transaction, and leave one open that nobody will ever end.
"""

from collections.abc import Callable
from struct import Struct
from typing import Any

from kafkacompat.coordinator.transactions.state import V2, TopicIndex
from kafkacompat.coordinator.transactions.transaction import Answered, Identity
from kafkacompat.partitions.partition import Partition
from kafkacompat.server.call import Call
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.produce import ProduceRequest
from kafkacompat_protocol.records.batch import HEADER_SIZE

FIRST_VERSION_WITH_ABORTABLE, FIRST_VERSION_THAT_ADDS = 11, 12
ATTRIBUTES_LOW_AT, TRANSACTIONAL_BIT = 22, 0x10
PRODUCER = Struct(">qh")
PRODUCER_AT = 43
LONGEST_WAIT_MS = 100
"""How long a batch waits for the end of the transaction before its own; then the client retries."""
NOT_NOW = frozenset(
    {
        ErrorCode.CONCURRENT_TRANSACTIONS,
        ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
        ErrorCode.COORDINATOR_NOT_AVAILABLE,
        ErrorCode.NOT_COORDINATOR,
    }
)

Unopened = dict[TopicIndex, Identity]
Verdicts = dict[TopicIndex, KafkaError]


def unopened(
    call: Call, request: ProduceRequest, find: Callable[[object, int], Partition]
) -> Unopened:
    """Return the partitions that get the first transactional batch of a producer, and of whom."""
    found: Unopened = {}
    for topic in request.topic_data:
        for data in topic.partition_data:
            records: Any = data.records
            if (
                records is None
                or len(records) < HEADER_SIZE
                or not records[ATTRIBUTES_LOW_AT] & TRANSACTIONAL_BIT
            ):
                continue
            try:
                partition = find(topic, data.index)
            except KafkaError:
                continue  # It will be found again, and answered.
            producer = Identity._make(PRODUCER.unpack_from(records, PRODUCER_AT))
            if not partition.log.producers.is_open(*producer):
                found[partition.topic, data.index] = producer
    return found


def verify(call: Call, transactional_id: str, wanted: Unopened) -> Verdicts:
    """Look up whether the transaction has these partitions; return why not."""
    return {
        partition: _error(call, code)
        for partition, producer in wanted.items()
        if (code := _held(call, transactional_id, producer, partition))
    }


def _held(
    call: Call, transactional_id: str, producer: Identity, partition: TopicIndex
) -> ErrorCode:
    try:
        coordinator = call.node.transactions.at(transactional_id)
        return coordinator.holds(transactional_id, producer, partition)
    except KafkaError as error:
        return error.code


def add(
    call: Call, transactional_id: str, wanted: Unopened, done: Callable[[Verdicts], None]
) -> None:
    """Have the transaction include these partitions, then say which it could not."""
    _Adding(call, transactional_id, wanted, done).start()


class _Adding:
    """Partitions being added, for one Produce request."""

    def __init__(
        self,
        call: Call,
        transactional_id: str,
        wanted: Unopened,
        done: Callable[[Verdicts], None],
    ) -> None:
        self._call = call
        self._transactional_id = transactional_id
        self._wanted = wanted
        self._done = done
        clock = call.node.clock
        self._until_ms = clock.monotonic_ms() + LONGEST_WAIT_MS
        self._is_waiting = False
        self._coordinator = call.node.transactions

    def start(self) -> None:
        producers = set(self._wanted.values())
        if len(producers) > 1:
            self._finish(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
            return
        try:
            self._coordinator = self._call.node.transactions.at(self._transactional_id)
            reply = self._coordinator.add(
                self._transactional_id, producers.pop(), frozenset(self._wanted), V2
            )
        except KafkaError as error:
            self._finish(error.code)
            return
        reply.when_done(self._answered)

    def _answered(self, result: Answered | BaseException) -> None:
        if isinstance(result, KafkaError):
            self._finish(result.code)
        elif not isinstance(result, Answered):
            self._finish(ErrorCode.UNKNOWN_SERVER_ERROR)
        elif result.code is ErrorCode.CONCURRENT_TRANSACTIONS and self._has_time():
            self._wait()
        else:
            self._finish(result.code)

    def _has_time(self) -> bool:
        return self._call.node.clock.monotonic_ms() < self._until_ms

    def _wait(self) -> None:
        """The producer's transaction before is being completed: go on after it."""
        self._is_waiting = True
        self._coordinator.when_complete(self._transactional_id, self._again)
        self._call.node.timers.at(self._until_ms, self._again)

    def _again(self) -> None:
        if self._is_waiting:
            self._is_waiting = False
            self._coordinator.stop_waiting(self._transactional_id, self._again)
            self.start()

    def _finish(self, code: ErrorCode) -> None:
        if code:
            error = _error(self._call, code)
            self._done(dict.fromkeys(self._wanted, error))
        else:
            self._done({})


def _error(call: Call, code: ErrorCode) -> KafkaError:
    """Return a refusal in the words that the request's version has.

    What passes by itself is NOT_ENOUGH_REPLICAS, which clients of all ages retry as it is.
    """
    if code in NOT_NOW:
        return KafkaError(ErrorCode.NOT_ENOUGH_REPLICAS, f"{code.name}: try again.")
    if code is ErrorCode.PRODUCER_FENCED:
        return KafkaError(ErrorCode.INVALID_PRODUCER_EPOCH, "A newer producer has this id.")
    if code is ErrorCode.INVALID_TXN_STATE:
        known = call.version >= FIRST_VERSION_WITH_ABORTABLE
        return KafkaError(
            ErrorCode.TRANSACTION_ABORTABLE if known else code,
            "The partition was not added to the transaction.",
        )
    return KafkaError(code, code.name)

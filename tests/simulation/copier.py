"""A model client: consume, transform, produce, exactly once, by either version of the protocol."""

from typing import Any

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.add_offsets_to_txn import AddOffsetsToTxnRequest
from kafkacompat_protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnTopic,
)
from kafkacompat_protocol.messages.end_txn import EndTxnRequest
from kafkacompat_protocol.messages.init_producer_id import InitProducerIdRequest
from kafkacompat_protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
)
from kafkacompat_protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
)
from tests.simulation.broker import WALL_MS
from tests.simulation.network import Network, TimedOut
from tests.support.produced import batch, produce_request

OUT, IN, GROUP = "out", "in", "copiers"
TIMEOUT_MS = 4_000
PASSING = frozenset(
    {
        ErrorCode.CONCURRENT_TRANSACTIONS,
        ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
        ErrorCode.COORDINATOR_NOT_AVAILABLE,
        ErrorCode.NOT_COORDINATOR,
        ErrorCode.NOT_ENOUGH_REPLICAS,
        ErrorCode.NOT_LEADER_OR_FOLLOWER,
        ErrorCode.KAFKA_STORAGE_ERROR,
        ErrorCode.UNSTABLE_OFFSET_COMMIT,
    }
)
ABORTABLE = frozenset(
    {
        ErrorCode.INVALID_TXN_STATE,
        ErrorCode.TRANSACTION_ABORTABLE,
        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
        ErrorCode.UNKNOWN_PRODUCER_ID,
    }
)


class Fenced(Exception):
    """Another producer has taken over: this one is done for."""


class MustAbort(Exception):
    """The transaction cannot go on."""


class Copier:
    """Copies numbers from a group's offset on into `OUT`, some at a time."""

    def __init__(
        self, network: Network, name: str, *, count: int, partitions: int, is_v2: bool
    ) -> None:
        self.network = network
        self.simulation = network.simulation
        self.name = name
        self.transactional_id = "copier"
        self.count = count
        self.partitions = partitions
        self.is_v2 = is_v2
        self.producer_id = self.epoch = -1
        self.sequences: dict[int, int] = {}
        self.lives = True

    def stop(self) -> None:
        """Be killed: whatever it sent is still on its way."""
        self.lives = False

    async def run(self) -> None:
        """Copy until all is copied, taken over, or killed."""
        try:
            await self._init(claims=False)
            while self.lives:
                position = await self._position()
                if position >= self.count:
                    self.simulation.note(self.name, "is done")
                    return
                await self._transaction(position)
        except Fenced as why:
            self.simulation.note(self.name, "is fenced:", why)
        finally:
            self.lives = False

    async def _transaction(self, position: int) -> None:
        chance = self.simulation.chance
        end = min(self.count, position + chance.randint(1, 6))
        try:
            for number in range(position, end):
                await self._produce(number)
            if chance.random() < 0.15:
                await self._end(commit=False)
                return
            await self._commit_offset(end)
            if chance.random() < 0.05:
                await self.simulation.sleep(2 * TIMEOUT_MS)  # longer than it may take
            await self._end(commit=True)
        except MustAbort as why:
            self.simulation.note(self.name, "must abort:", why)
            await self._give_up()

    async def _give_up(self) -> None:
        try:
            await self._end(commit=False)
        except MustAbort:
            pass
        if not self.is_v2:
            await self._init(claims=True)

    # --- requests, each until it is answered

    async def _ask(self, request: Any, version: int, code_of: Any) -> Any:
        """Ask until there is an answer that does not pass by itself.

        Errors: Fenced, MustAbort.
        """
        while True:
            if not self.lives:
                raise Fenced("killed")
            try:
                response = await self.network.call(self.name, request, version)
            except TimedOut:
                continue
            code = ErrorCode(code_of(response))
            what = type(request).__name__.removesuffix("Request")
            self.simulation.note(self.name, what, f"v{version}", code.name)
            if code is ErrorCode.NONE:
                return response
            if code in ABORTABLE:
                raise MustAbort(f"{what} {code.name}")
            if code not in PASSING:
                raise Fenced(f"{what} {code.name}")
            await self.simulation.sleep(self.simulation.chance.randint(1, 30))

    async def _init(self, *, claims: bool) -> None:
        request = InitProducerIdRequest(
            transactional_id=self.transactional_id, transaction_timeout_ms=TIMEOUT_MS
        )
        if claims:
            request.producer_id, request.producer_epoch = self.producer_id, self.epoch
        told = await self._ask(request, 5, lambda response: response.error_code)
        self._become(told.producer_id, told.producer_epoch)

    def _become(self, producer_id: int, epoch: int) -> None:
        if (producer_id, epoch) != (self.producer_id, self.epoch):
            self.producer_id, self.epoch = producer_id, epoch
            self.sequences.clear()
            self.simulation.note(self.name, "is now", producer_id, epoch)

    async def _position(self) -> int:
        topic = OffsetFetchRequestTopics(name=IN, partition_indexes=[0])
        group = OffsetFetchRequestGroup(group_id=GROUP, topics=[topic])
        request = OffsetFetchRequest(groups=[group], require_stable=True)

        def code_of(response: Any) -> int:
            found = response.groups[0]
            return int(found.error_code or found.topics[0].partitions[0].error_code)

        told = await self._ask(request, 9, code_of)
        return max(0, int(told.groups[0].topics[0].partitions[0].committed_offset))

    async def _produce(self, number: int) -> None:
        index = number % self.partitions
        if not self.is_v2:
            await self._add_partition(index)
        sequence = self.sequences.get(index, 0)
        records = batch(
            b"%d" % number,
            timestamp=WALL_MS,
            producer_id=self.producer_id,
            producer_epoch=self.epoch,
            base_sequence=sequence,
            is_transactional=True,
        )
        request = produce_request(
            records, topic=OUT, index=index, transactional_id=self.transactional_id
        )
        await self._ask(
            request,
            12 if self.is_v2 else 9,
            lambda response: response.responses[0].partition_responses[0].error_code,
        )
        self.sequences[index] = sequence + 1

    async def _add_partition(self, index: int) -> None:
        request = AddPartitionsToTxnRequest(
            v3_and_below_transactional_id=self.transactional_id,
            v3_and_below_producer_id=self.producer_id,
            v3_and_below_producer_epoch=self.epoch,
            v3_and_below_topics=[AddPartitionsToTxnTopic(name=OUT, partitions=[index])],
        )

        def code_of(response: Any) -> int:
            results = response.results_by_topic_v3_and_below[0].results_by_partition
            return int(results[0].partition_error_code)

        await self._ask(request, 3, code_of)

    async def _commit_offset(self, offset: int) -> None:
        if not self.is_v2:
            added = AddOffsetsToTxnRequest(
                transactional_id=self.transactional_id,
                producer_id=self.producer_id,
                producer_epoch=self.epoch,
                group_id=GROUP,
            )
            await self._ask(added, 3, lambda response: response.error_code)
        item = TxnOffsetCommitRequestPartition(
            partition_index=0, committed_offset=offset, committed_metadata=""
        )
        request = TxnOffsetCommitRequest(
            transactional_id=self.transactional_id,
            group_id=GROUP,
            producer_id=self.producer_id,
            producer_epoch=self.epoch,
            topics=[TxnOffsetCommitRequestTopic(name=IN, partitions=[item])],
        )
        await self._ask(
            request,
            5 if self.is_v2 else 3,
            lambda response: response.topics[0].partitions[0].error_code,
        )

    async def _end(self, *, commit: bool) -> None:
        request = EndTxnRequest(
            transactional_id=self.transactional_id,
            producer_id=self.producer_id,
            producer_epoch=self.epoch,
            committed=commit,
        )
        self.simulation.note(self.name, "commits" if commit else "aborts", self.epoch)
        version = 5 if self.is_v2 else 3
        told = await self._ask(request, version, lambda response: response.error_code)
        if self.is_v2:
            self._become(told.producer_id, told.producer_epoch)

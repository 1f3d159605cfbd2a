"""A transactional producer in frames: one request at a time, in any version."""

from typing import Any

from kafkacompat_protocol.messages.add_offsets_to_txn import AddOffsetsToTxnRequest
from kafkacompat_protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnTopic,
)
from kafkacompat_protocol.messages.end_txn import EndTxnRequest
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.init_producer_id import InitProducerIdRequest
from kafkacompat_protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
)
from tests.support.node import RunningNode
from tests.support.produced import batch, fetch, produce_request, values_of

CONCURRENT_TRANSACTIONS = 51


class WireProducer:
    """A producer that knows its id, epoch and sequence numbers. `is_v2` is KIP-890's."""

    def __init__(
        self, broker: RunningNode, name: str = "x", *, topic: str = "t", is_v2: bool = True
    ) -> None:
        self.broker = broker
        self.client = broker.client()
        self.name = name
        self.topic = topic
        self.is_v2 = is_v2
        self.producer_id = self.epoch = -1
        self.sequences: dict[int, int] = {}

    def init(self, *, timeout_ms: int = 60_000, goes_on: bool = False, version: int = 5) -> int:
        """Get an id and epoch; return the error code. `goes_on` claims those it has."""
        self.client.call(FindCoordinatorRequest(key=self.name, key_type=1), 1)
        request = InitProducerIdRequest(
            transactional_id=self.name, transaction_timeout_ms=timeout_ms
        )
        if goes_on:
            request.producer_id, request.producer_epoch = self.producer_id, self.epoch
        while (told := self.client.call(request, version)).error_code == CONCURRENT_TRANSACTIONS:
            pass
        self._become(told)
        return int(told.error_code)

    def _become(self, told: Any) -> None:
        if told.error_code == 0:
            self.producer_id, self.epoch = told.producer_id, told.producer_epoch
            self.sequences.clear()

    def add(self, *indexes: int, version: int = 3) -> int:
        """Add partitions; return the error code of the first."""
        request = AddPartitionsToTxnRequest(
            v3_and_below_transactional_id=self.name,
            v3_and_below_producer_id=self.producer_id,
            v3_and_below_producer_epoch=self.epoch,
            v3_and_below_topics=[AddPartitionsToTxnTopic(name=self.topic, partitions=[*indexes])],
        )
        told = self.client.call(request, version)
        first = told.results_by_topic_v3_and_below[0].results_by_partition[0]
        return int(first.partition_error_code)

    def records(self, *values: bytes, index: int = 0) -> bytes:
        """Return the next batch of a partition."""
        sequence = self.sequences.get(index, 0)
        self.sequences[index] = sequence + len(values)
        return batch(
            *values,
            timestamp=self.broker.node.clock.wall_ms(),
            producer_id=self.producer_id,
            producer_epoch=self.epoch,
            base_sequence=sequence,
            is_transactional=True,
        )

    def send(self, *values: bytes, index: int = 0, version: int | None = None) -> Any:
        """Produce a batch; return the partition's slot of the answer."""
        return self.send_batch(self.records(*values, index=index), index=index, version=version)

    def send_batch(self, records: bytes, *, index: int = 0, version: int | None = None) -> Any:
        request = produce_request(
            records, topic=self.topic, index=index, transactional_id=self.name
        )
        told = self.client.call(request, version or (12 if self.is_v2 else 9))
        return told.responses[0].partition_responses[0]

    def end(self, *, commit: bool = True, version: int | None = None) -> int:
        """Commit or abort; return the error code."""
        request = EndTxnRequest(
            transactional_id=self.name,
            producer_id=self.producer_id,
            producer_epoch=self.epoch,
            committed=commit,
        )
        version = version if version is not None else 5 if self.is_v2 else 3
        told = self.client.call(request, version)
        if version >= 5:
            self._become(told)
        return int(told.error_code)

    def end_until_done(self, *, commit: bool = True) -> int:
        """Commit or abort, again while markers of the one before are written."""
        while (code := self.end(commit=commit)) == CONCURRENT_TRANSACTIONS:
            pass
        return code

    def add_offsets(self, group: str, version: int = 3) -> int:
        request = AddOffsetsToTxnRequest(
            transactional_id=self.name,
            producer_id=self.producer_id,
            producer_epoch=self.epoch,
            group_id=group,
        )
        return int(self.client.call(request, version).error_code)

    def commit_offset(
        self, group: str, offset: int, version: int | None = None, **member: Any
    ) -> int:
        """Commit an offset of partition 0 in the transaction; return the error code."""
        item = TxnOffsetCommitRequestPartition(
            partition_index=0, committed_offset=offset, committed_metadata="m"
        )
        request = TxnOffsetCommitRequest(
            transactional_id=self.name,
            group_id=group,
            producer_id=self.producer_id,
            producer_epoch=self.epoch,
            topics=[TxnOffsetCommitRequestTopic(name=self.topic, partitions=[item])],
            **member,
        )
        version = version if version is not None else 5 if self.is_v2 else 3
        told = self.client.call(request, version)
        return int(told.topics[0].partitions[0].error_code)


def committed_values(broker: RunningNode, index: int = 0, topic: str = "t") -> list[bytes | None]:
    """Return what a read_committed consumer sees, which drops what is listed as aborted."""
    from kafkacompat_protocol.records.batch import read_batches
    from kafkacompat_protocol.records.control import read_control_record

    told = fetch(broker, topic=topic, partition=index, isolation_level=1)
    content = bytes(told.records or b"")
    starts = sorted((a.first_offset, a.producer_id) for a in told.aborted_transactions or ())
    aborted: set[int] = set()
    seen: list[bytes | None] = []
    for at, header in read_batches(content):
        while starts and starts[0][0] <= header.base_offset:
            aborted.add(starts.pop(0)[1])
        if header.is_control:
            if read_control_record(content[at : at + header.size]).type == 0:
                aborted.discard(header.producer_id)
        elif not (header.is_transactional and header.producer_id in aborted):
            seen += [value for _, value in values_of(content[at : at + header.size])]
    return seen

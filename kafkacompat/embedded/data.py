"""Topics and records, as tests want them: made, written and read in one call."""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kafkacompat.embedded.client import Client, check
from kafkacompat.embedded.waiting import PATIENCE_S, wait_until
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
)
from kafkacompat_protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicState
from kafkacompat_protocol.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from kafkacompat_protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsTopic,
)
from kafkacompat_protocol.messages.metadata import MetadataRequest
from kafkacompat_protocol.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    TopicProduceData,
)
from kafkacompat_protocol.records.batch import read_batches
from kafkacompat_protocol.records.record import Record, build_records_batch, iterate_records
from kafkacompat_protocol.schema import ZERO_UUID

EARLIEST, LATEST = -2, -1
_FETCH_BYTES = 16 << 20
_COMMITTED = 1


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record that is in a topic. `timestamp` is in milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)


class DataPowers:
    """Topics, records, offsets."""

    _client: Client
    _now_ms: Callable[[], int]
    """The broker's wall time."""

    def create_topic(
        self,
        name: str,
        partitions: int = 1,
        *,
        replicas: int = -1,
        config: Mapping[str, str] | None = None,
    ) -> None:
        """Make a topic. Errors: KafkaError."""
        configs = [
            CreatableTopicConfig(name=key, value=str(value))
            for key, value in (config or {}).items()
        ]
        self._create([_new_topic(name, partitions, replicas, configs)])

    def create_topics(self, topics: Mapping[str, int]) -> None:
        """Make topics with so many partitions each. Errors: KafkaError."""
        if topics:
            self._create([_new_topic(name, partitions) for name, partitions in topics.items()])

    def _create(self, topics: list[CreatableTopic]) -> None:
        """Make topics, by the last version that does not answer their configurations."""
        for told in self._client.call(CreateTopicsRequest(topics=topics), 4).topics:
            check(told.error_code, told.error_message)

    def delete_topic(self, name: str) -> None:
        """Delete a topic. Errors: KafkaError."""
        wanted = DeleteTopicState(name=name, topic_id=ZERO_UUID)
        request = DeleteTopicsRequest(topics=[wanted], timeout_ms=30_000)
        told = self._client.call(request, 6).responses[0]
        check(told.error_code, told.error_message)

    def topics(self) -> dict[str, int]:
        """Return the topics there are, but for the broker's own, and their partitions."""
        told = self._client.call(MetadataRequest(topics=None), 9).topics
        return {t.name: len(t.partitions) for t in told if not t.is_internal}

    def produce(
        self,
        topic: str,
        value: bytes | str | None,
        *,
        key: bytes | str | None = None,
        partition: int | None = None,
        headers: Sequence[tuple[str, bytes | None]] = (),
        timestamp: int | None = None,
    ) -> tuple[int, int]:
        """Write one record; return its partition and offset.

        Without a partition it goes where its key says, or to the first. Strings are UTF-8.

        Errors: KafkaError.
        """
        record = Record(
            0,
            self._now_ms() if timestamp is None else timestamp,
            _bytes(key),
            _bytes(value),
            list(headers),
        )
        if partition is None:
            count = self.topics().get(topic, 1)
            partition = zlib.crc32(record.key) % count if record.key is not None else 0
        return partition, self.produce_batch(topic, partition, [record])

    def produce_batch(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        """Write records in one batch; return the offset of the first. Errors: KafkaError."""
        content = bytes(build_records_batch(records))
        data = PartitionProduceData(index=partition, records=content)
        wanted = TopicProduceData(name=topic, partition_data=[data])
        request = ProduceRequest(acks=-1, timeout_ms=30_000, topic_data=[wanted])
        answer = self._client.call_leader(topic, partition, request, 9)
        told = answer.responses[0].partition_responses[0]
        check(told.error_code, told.error_message)
        return int(told.base_offset)

    def records(
        self, topic: str, *, partition: int | None = None, read_committed: bool = False
    ) -> list[StoredRecord]:
        """Return all records of a topic, or of one partition, in order of their offsets.

        Errors: KafkaError.
        """
        partitions = [partition] if partition is not None else list(range(self._count(topic)))
        found: list[StoredRecord] = []
        for index in partitions:
            found += self._read(topic, index, read_committed=read_committed)
        return found

    def _count(self, topic: str) -> int:
        count = self.topics().get(topic)
        if count is None:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, topic)
        return count

    def _read(self, topic: str, partition: int, *, read_committed: bool) -> Iterator[StoredRecord]:
        offset = self._offset(topic, partition, EARLIEST)
        end = self._offset(topic, partition, LATEST, read_committed=read_committed)
        while offset < end:
            data = self._fetch(topic, partition, offset, read_committed=read_committed)
            aborted = {t.producer_id: t.first_offset for t in data.aborted_transactions or ()}
            content = bytes(data.records or b"")
            if not content:
                return
            for at, header in read_batches(content):
                first, offset = offset, max(offset, header.next_offset)
                if header.is_control:
                    aborted.pop(header.producer_id, None)
                    continue
                since = aborted.get(header.producer_id, end)
                if header.is_transactional and since <= header.base_offset:
                    continue
                for r in iterate_records(content[at : at + header.size]):
                    if first <= r.offset < end:
                        yield StoredRecord(
                            topic, partition, r.offset, r.timestamp, r.key, r.value, r.headers
                        )

    def _fetch(self, topic: str, partition: int, offset: int, *, read_committed: bool) -> Any:
        wanted = FetchPartition(
            partition=partition, fetch_offset=offset, partition_max_bytes=_FETCH_BYTES
        )
        request = FetchRequest(
            max_wait_ms=0,
            min_bytes=0,
            max_bytes=_FETCH_BYTES,
            isolation_level=_COMMITTED if read_committed else 0,
            session_epoch=-1,
            topics=[FetchTopic(topic=topic, partitions=[wanted])],
        )
        answer = self._client.call_leader(topic, partition, request, 11)
        data = answer.responses[0].partitions[0]
        check(data.error_code)
        return data

    def end_offsets(self, topic: str) -> dict[int, int]:
        """Return the next offset of each partition. Errors: KafkaError."""
        return {index: self._offset(topic, index, LATEST) for index in range(self._count(topic))}

    def _offset(
        self, topic: str, partition: int, timestamp: int, *, read_committed: bool = False
    ) -> int:
        wanted = ListOffsetsPartition(partition_index=partition, timestamp=timestamp)
        request = ListOffsetsRequest(
            replica_id=-1,
            isolation_level=_COMMITTED if read_committed else 0,
            topics=[ListOffsetsTopic(name=topic, partitions=[wanted])],
        )
        told = self._client.call_leader(topic, partition, request, 5).topics[0].partitions[0]
        check(told.error_code)
        return int(told.offset)

    def wait_for_records(
        self, topic: str, count: int, *, timeout_s: float = PATIENCE_S
    ) -> list[StoredRecord]:
        """Return a topic's records once there are so many. Errors: TimeoutError."""
        found: list[StoredRecord] = []

        def enough() -> bool:
            nonlocal found
            if topic in self.topics():
                found = self.records(topic)
            return len(found) >= count

        wait_until(enough, lambda: f"{topic} has {len(found)} of {count} records", timeout_s)
        return found

    @contextmanager
    def assert_produces(
        self, topic: str, count: int = 1, *, timeout_s: float = PATIENCE_S
    ) -> Iterator[list[StoredRecord]]:
        """Check that so many records arrive in a topic because of what the block does.

        The list has them afterwards. Errors: AssertionError.
        """
        before = len(self.records(topic)) if topic in self.topics() else 0
        arrived: list[StoredRecord] = []
        yield arrived
        try:
            arrived += self.wait_for_records(topic, before + count, timeout_s=timeout_s)[before:]
        except TimeoutError as error:
            raise AssertionError(f"{topic} was to get {count} records: {error}") from None
        if len(arrived) != count:
            raise AssertionError(f"{topic} was to get {count} records, it got {len(arrived)}")


def _new_topic(
    name: str,
    partitions: int,
    replicas: int = -1,
    configs: Sequence[CreatableTopicConfig] = (),
) -> CreatableTopic:
    return CreatableTopic(
        name=name,
        num_partitions=partitions,
        replication_factor=replicas,
        assignments=[],
        configs=list(configs),
    )


def _bytes(text: bytes | str | None) -> bytes | None:
    return text.encode() if isinstance(text, str) else text

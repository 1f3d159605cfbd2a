"""Put a seed into a broker, by the requests that any client could send."""

import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from kafkacompat.embedded.client import Client, check
from kafkacompat.embedded.data import DataPowers
from kafkacompat.embedded.waiting import PATIENCE_S, wait_until
from kafkacompat.seed.document import Seed, SeedError, SeedGroup, SeedTopic, SeedUser
from kafkacompat.server.advertise import reachable
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    ScramCredentialUpsertion,
)
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.incremental_alter_configs import (
    IncrementalAlterableConfig,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResource,
)
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafkacompat_protocol.records.record import Record

if TYPE_CHECKING:
    from kafkacompat.broker import Node

BATCH_RECORDS: Final = 1000
BATCH_BYTES: Final = 500_000
BROKER_RESOURCE: Final = 4
_SET: Final = 0
_HASHES: Final = {1: "sha256", 2: "sha512"}
_NOT_YET: Final = (14, 15, 16)


def apply(seed: Seed, node: "Node", now_ms: Callable[[], int]) -> None:
    """Put a seed into a node that runs, as a client of our own. Blocks, so not in its thread.

    `now_ms` is for records without a timestamp. Errors: SeedError, which says what the broker
    refuses; OSError.
    """
    endpoint = node.listeners[0].endpoint
    seeder = _Seeder((reachable(endpoint.host), endpoint.port), now_ms)
    try:
        seeder.apply(seed)
    finally:
        seeder.close()


class _Seeder(DataPowers):
    def __init__(self, address: tuple[str, int], now_ms: Callable[[], int]) -> None:
        self._client = Client(address)
        self._now_ms = now_ms

    def apply(self, seed: Seed) -> None:
        """Put everything there. Topics that exist get the records all the same."""
        try:
            self._set_broker(seed.broker)
            for user in seed.users:
                self._add_user(user)
            for topic in seed.topics:
                self._make(topic)
                self._fill(topic)
            for group in seed.groups:
                self._commit(group)
        except KafkaError as error:
            raise SeedError(str(error)) from error

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _set_broker(self, settings: dict[str, str]) -> None:
        if not settings:
            return
        changes = [
            IncrementalAlterableConfig(name=name, config_operation=_SET, value=value)
            for name, value in settings.items()
        ]
        resource = IncrementalAlterConfigsResource(
            resource_type=BROKER_RESOURCE, resource_name="", configs=changes
        )
        request = IncrementalAlterConfigsRequest(resources=[resource], validate_only=False)
        told = self._client.call(request, 1).responses[0]
        check(told.error_code, told.error_message)

    def _add_user(self, user: SeedUser) -> None:
        salt = os.urandom(20)
        salted = hashlib.pbkdf2_hmac(
            _HASHES[user.mechanism], user.password.encode(), salt, user.iterations
        )
        upsertion = ScramCredentialUpsertion(
            name=user.name,
            mechanism=user.mechanism,
            iterations=user.iterations,
            salt=salt,
            salted_password=salted,
        )
        request = AlterUserScramCredentialsRequest(deletions=[], upsertions=[upsertion])
        told = self._client.call(request, 0).results[0]
        check(told.error_code, told.error_message)

    def _make(self, topic: SeedTopic) -> None:
        try:
            self.create_topic(
                topic.name, topic.partitions, replicas=topic.replicas, config=topic.config
            )
        except KafkaError as error:
            if error.code is not ErrorCode.TOPIC_ALREADY_EXISTS:
                raise

    def _fill(self, topic: SeedTopic) -> None:
        by_partition: dict[int, list[Record]] = {}
        now_ms = self._now_ms()
        for record in topic.records:
            index = record.partition
            if index is None:
                index = zlib.crc32(record.key) % topic.partitions if record.key is not None else 0
            timestamp = now_ms if record.timestamp is None else record.timestamp
            made = Record(0, timestamp, record.key, record.value, record.headers)
            by_partition.setdefault(index, []).append(made)
        for index, records in by_partition.items():
            for batch in _batches(records):
                self.produce_batch(topic.name, index, batch)

    def _commit(self, group: SeedGroup) -> None:
        topics: dict[str, list[Any]] = {}
        for (topic, partition), offset in group.offsets.items():
            topics.setdefault(topic, []).append(
                OffsetCommitRequestPartition(
                    partition_index=partition, committed_offset=offset, committed_metadata=""
                )
            )
        if not topics:
            return
        request = OffsetCommitRequest(
            group_id=group.id,
            topics=[
                OffsetCommitRequestTopic(name=name, partitions=parts)
                for name, parts in topics.items()
            ],
        )
        codes: list[int] = []

        def is_done() -> bool:
            self._client.call(FindCoordinatorRequest(key=group.id), 2)
            told = self._client.call_coordinator(group.id, request, 7)
            codes[:] = [part.error_code for topic in told.topics for part in topic.partitions]
            return not any(code in _NOT_YET for code in codes)

        wait_until(is_done, lambda: f"no coordinator for {group.id}", PATIENCE_S)
        for code in codes:
            check(code, f"offsets of {group.id}")


def _batches(records: list[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    for record in records:
        more = len(record.key or b"") + len(record.value or b"") + 100
        if batch and (len(batch) == BATCH_RECORDS or size + more > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        record.offset = len(batch)
        batch.append(record)
        size += more
    if batch:
        yield batch

"""A member of a share group on the wire, for tests; membership itself is not looked at."""

from collections.abc import Sequence
from typing import Any, Protocol

from kafkacompat.metadata.image import RESOURCE_GROUP
from kafkacompat_protocol.messages.share_acknowledge import (
    AcknowledgementBatch,
    AcknowledgePartition,
    AcknowledgeTopic,
    ShareAcknowledgeRequest,
)
from kafkacompat_protocol.messages.share_fetch import (
    ShareFetchAcknowledgementBatch,
    ShareFetchForgottenTopic,
    ShareFetchPartition,
    ShareFetchRequest,
    ShareFetchTopic,
)
from tests.support.node import RunningNode, WireClient
from tests.support.produced import values_of

GAP, ACCEPT, RELEASE, REJECT, RENEW = range(5)
Told = tuple[int, int, Sequence[int]]
"""First and last offset, and what became of them."""


def configure_group(broker: RunningNode, group_id: str = "g", **configs: str) -> None:
    """Set a group's configuration. Underscores in names are dots."""
    own = {key.replace("_", "."): value for key, value in configs.items()}
    broker.run(lambda: broker.node.image.configs.update({(RESOURCE_GROUP, group_id): own}))


class Connects(Protocol):
    """What gives connections to a broker."""

    def client(self) -> WireClient:
        """Return a new one."""


class Member:
    """One member with its connection and session, of one topic."""

    def __init__(
        self,
        broker: Connects,
        topic_id: bytes,
        member_id: str = "m",
        *,
        group_id: str = "g",
        partitions: Sequence[int] = (0,),
        version: int = 2,
    ) -> None:
        self.client = broker.client()
        self.topic_id = topic_id
        self.member_id = member_id
        self.group_id = group_id
        self.partitions = partitions
        self.version = version
        self.epoch = 0

    def request(self, told: Sequence[Told] = (), **fields: Any) -> ShareFetchRequest:
        """Return the next fetch, which acknowledges records of the first partition."""
        batches = [
            ShareFetchAcknowledgementBatch(
                first_offset=first, last_offset=last, acknowledge_types=list(types)
            )
            for first, last, types in told
        ]
        wanted = [
            ShareFetchPartition(
                partition_index=index,
                acknowledgement_batches=batches if index == self.partitions[0] else [],
            )
            for index in self.partitions
        ]
        topics = [ShareFetchTopic(topic_id=self.topic_id, partitions=wanted)]
        if fields.get("is_renew_ack"):
            fields |= {"max_wait_ms": 0, "min_bytes": 0, "max_bytes": 0, "max_records": 0}
        epoch = fields.pop("share_session_epoch", self.epoch)
        forgotten = fields.pop("forgotten", [])
        return ShareFetchRequest(
            group_id=fields.pop("group_id", self.group_id),
            member_id=fields.pop("member_id", self.member_id),
            share_session_epoch=epoch,
            max_wait_ms=fields.pop("max_wait_ms", 2_000),
            min_bytes=fields.pop("min_bytes", 1),
            max_records=fields.pop("max_records", 500),
            batch_size=fields.pop("batch_size", 500),
            topics=fields.pop("topics", topics),
            forgotten_topics_data=[
                ShareFetchForgottenTopic(topic_id=self.topic_id, partitions=[index])
                for index in forgotten
            ],
            **fields,
        )

    def fetch(self, told: Sequence[Told] = (), **fields: Any) -> Any:
        """Fetch; return the answer."""
        answer = self.client.call(self.request(told, **fields), self.version)
        if not answer.error_code and "share_session_epoch" not in fields:
            self.epoch += 1
        return answer

    def take(self, told: Sequence[Told] = (), **fields: Any) -> list[tuple[int, bytes | None, int]]:
        """Fetch; return what was acquired: offset, value, deliveries."""
        return acquired(self.fetch(told, **fields))

    def acknowledge(self, *told: Told, **fields: Any) -> Any:
        """Acknowledge without fetching; return the answer."""
        batches = [
            AcknowledgementBatch(
                first_offset=first, last_offset=last, acknowledge_types=list(types)
            )
            for first, last, types in told
        ]
        part = AcknowledgePartition(
            partition_index=self.partitions[0], acknowledgement_batches=batches
        )
        topics = [AcknowledgeTopic(topic_id=self.topic_id, partitions=[part])]
        epoch = fields.pop("share_session_epoch", self.epoch)
        request = ShareAcknowledgeRequest(
            group_id=fields.pop("group_id", self.group_id),
            member_id=fields.pop("member_id", self.member_id),
            share_session_epoch=epoch,
            topics=topics if told else [],
            **fields,
        )
        answer = self.client.call(request, self.version)
        if not answer.error_code and epoch > 0:
            self.epoch += 1
        return answer

    def acknowledged(self, *told: Told, **fields: Any) -> int:
        """Acknowledge without fetching; return the error code of the partition."""
        code: int = self.acknowledge(*told, **fields).responses[0].partitions[0].error_code
        return code

    def begin(self) -> None:
        """Open the session, and wait until the group has begun with the first partition."""
        assert self.fetch(max_wait_ms=0).error_code == 0


def acquired(answer: Any) -> list[tuple[int, bytes | None, int]]:
    """Return what was acquired: offset, value, deliveries."""
    assert answer.error_code == 0, answer
    parts = [data for topic in answer.responses for data in topic.partitions]
    assert not any(data.error_code for data in parts), parts
    return [
        (offset, value, found.delivery_count)
        for data in parts
        for offset, value in values_of(data.records)
        for found in data.acquired_records
        if found.first_offset <= offset <= found.last_offset
    ]

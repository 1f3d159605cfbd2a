"""A consumer group on a table: heartbeats in, answers out, time as a number."""

from typing import Any

from kafkacompat.coordinator.groups.consumer.group import ConsumerGroup, Sender
from kafkacompat.coordinator.groups.consumer.state import ConsumerGroupSettings
from kafkacompat.coordinator.groups.consumer.subscriptions import TopicsView
from kafkacompat.coordinator.groups.topics import Topic
from kafkacompat.coordinator.outcome import Outcome, Write
from kafkacompat_protocol.messages.consumer_group_heartbeat import (
    ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatRequestTopicPartitions,
)

WALL_MS = 1_700_000_000_000
SETTINGS = ConsumerGroupSettings(session_timeout_ms=10_000, max_size=5)
Places = set[tuple[str, int]]


def topic_id(name: str) -> bytes:
    return name.encode().ljust(16, b"\0")


class ConsumerTable:
    """One group; every request is answered at once. `has` is what members believe they have."""

    def __init__(self, **topics: int) -> None:
        self.topics = {name: Topic(topic_id(name), size) for name, size in topics.items()}
        self.version = 1
        self.group = ConsumerGroup("g", SETTINGS)
        self.now_ms = 0
        self.records: list[Write] = []
        self.epochs: dict[str, int] = {}
        self.has: dict[str, Places] = {}

    def set_topic(self, name: str, partitions: int | None) -> None:
        """Make, change or remove a topic."""
        self.version += 1
        if partitions is None:
            del self.topics[name]
        else:
            self.topics[name] = Topic(topic_id(name), partitions)

    def view(self) -> TopicsView:
        return TopicsView(self.topics.get, self.topics.keys, self.version)

    def take(self, outcome: Outcome) -> Any:
        """Write an outcome's records and return its answer."""
        for write in outcome.records:
            self.records.append(write)
            self.group.replay(write.key, write.value, self.now_ms)
        return outcome.replies[0][1] if outcome.replies else None

    def send(self, member_id: str, epoch: int, **fields: Any) -> Any:
        """Send a heartbeat as it is; return the answer."""
        request = ConsumerGroupHeartbeatRequest(
            group_id="g", member_id=member_id, member_epoch=epoch, **fields
        )
        new_id = "made" if not member_id else ""
        sender = Sender("client", "/host", self.now_ms, WALL_MS + self.now_ms, new_id)
        return self.take(self.group.heartbeat(request, sender, self.view(), "ticket"))

    # --- what a well-behaved member does

    def join(self, member_id: str, *names: str, **fields: Any) -> Any:
        """Join, with a subscription to topics (or as `fields` say)."""
        fields.setdefault("rebalance_timeout_ms", 30_000)
        if names or "subscribed_topic_regex" not in fields:
            fields.setdefault("subscribed_topic_names", list(names))
        told = self.send(member_id, 0, topic_partitions=[], **fields)
        self.has[member_id] = set()
        self._hear(member_id, told)
        return told

    def beat(self, member_id: str, **fields: Any) -> Any:
        """Send a heartbeat that says what the member has, and do what it is told."""
        fields.setdefault("topic_partitions", self._owned(member_id))
        told = self.send(member_id, self.epochs[member_id], **fields)
        self._hear(member_id, told)
        return told

    def settle(self) -> None:
        """Have all members beat until nothing changes any more."""
        for _ in range(20):
            before = len(self.records)
            for member_id in list(self.epochs):
                assert self.beat(member_id).error_code == 0
            if len(self.records) == before:
                return
        raise AssertionError("it does not settle")

    def leave(self, member_id: str, epoch: int = -1, **fields: Any) -> Any:
        told = self.send(member_id, epoch, **fields)
        self.epochs.pop(member_id, None)
        return told

    def _hear(self, member_id: str, told: Any) -> None:
        if told.error_code == 0:
            self.epochs[member_id] = told.member_epoch
            if told.assignment is not None:
                names = {topic.topic_id: name for name, topic in self.topics.items()}
                self.has[member_id] = {
                    (names[part.topic_id], index)
                    for part in told.assignment.topic_partitions
                    for index in part.partitions
                }

    def _owned(self, member_id: str) -> list[ConsumerGroupHeartbeatRequestTopicPartitions]:
        return [
            ConsumerGroupHeartbeatRequestTopicPartitions(
                topic_id=topic_id(name), partitions=[index]
            )
            for name, index in sorted(self.has[member_id])
        ]

    def pass_time(self, by_ms: int) -> None:
        """Advance, and do what is due then."""
        self.now_ms += by_ms
        due_ms = self.group.next_deadline_ms()
        if due_ms is not None and due_ms <= self.now_ms:
            self.take(self.group.expire(self.now_ms, WALL_MS + self.now_ms))

    def restart(self) -> None:
        """Forget all but the records, and load them."""
        self.group = ConsumerGroup("g", SETTINGS)
        for write in self.records:
            self.group.replay(write.key, write.value, self.now_ms)

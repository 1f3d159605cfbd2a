"""Classic members of a consumer group, on the table of consumer groups."""

from itertools import count
from typing import Any

from kafkacompat.coordinator.groups.consumer import classic_members
from kafkacompat.coordinator.groups.joining import Caller
from kafkacompat_protocol.embedded.consumer_protocol_assignment import ConsumerProtocolAssignment
from kafkacompat_protocol.embedded.consumer_protocol_subscription import (
    ConsumerProtocolSubscription,
    OwnedTopicPartition,
)
from kafkacompat_protocol.embedded.framing import read_embedded, write_embedded
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest
from kafkacompat_protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kafkacompat_protocol.messages.leave_group import MemberIdentity
from kafkacompat_protocol.messages.sync_group import SyncGroupRequest
from tests.support.consumer_groups import WALL_MS, ConsumerTable, Places

REBALANCE = 27


def subscription(*topics: str, owned: Places | None = None, version: int = 1) -> bytes:
    value = ConsumerProtocolSubscription(
        topics=list(topics),
        owned_partitions=[
            OwnedTopicPartition(topic=name, partitions=[index])
            for name, index in sorted(owned or ())
        ],
    )
    return write_embedded(value, version)


class MixedTable(ConsumerTable):
    """A group with members of both protocols. Classic ones give back as cooperative ones do."""

    def __init__(self, **topics: int) -> None:
        super().__init__(**topics)
        self.generations: dict[str, int] = {}
        self._ids = count(1)
        ids = {topic.topic_id: name for name, topic in self.topics.items()}
        from dataclasses import replace

        self.group.settings = replace(self.group.settings, name_of=ids.get)

    def classic_join(
        self,
        member_id: str,
        *names: str,
        instance: str | None = None,
        version: int = 5,
        protocols: tuple[str, ...] = ("cooperative-sticky",),
        protocol_type: str = "consumer",
        metadata: bytes | None = None,
    ) -> Any:
        if metadata is None:
            metadata = subscription(*names, owned=self.has.get(member_id))
        request = JoinGroupRequest(
            group_id="g",
            session_timeout_ms=9_000,
            rebalance_timeout_ms=30_000,
            member_id=member_id,
            group_instance_id=instance,
            protocol_type=protocol_type,
            protocols=[
                JoinGroupRequestProtocol(name=name, metadata=metadata) for name in protocols
            ],
        )
        caller = Caller("client", "/host", version, self.now_ms, WALL_MS)
        told = self.take(
            classic_members.join(
                self.group, request, caller, self.view(), "t", lambda p: f"{p}-{next(self._ids)}"
            )
        )
        if told.error_code == 0:
            self.generations[told.member_id] = told.generation_id
            self.has.setdefault(told.member_id, set())
        return told

    def classic_sync(self, member_id: str, **fields: Any) -> Any:
        request = SyncGroupRequest(
            group_id="g",
            generation_id=fields.pop("generation", self.generations.get(member_id, 0)),
            member_id=member_id,
            assignments=[],
            **fields,
        )
        told = self.take(classic_members.sync(self.group, request, self.now_ms, "t"))
        if told.error_code == 0:
            value = read_embedded(ConsumerProtocolAssignment, told.assignment)
            self.has[member_id] = {
                (part.topic, index)
                for part in value.assigned_partitions
                for index in part.partitions
            }
        return told

    def classic_beat(self, member_id: str, **fields: Any) -> int:
        request = HeartbeatRequest(
            group_id="g",
            generation_id=fields.pop("generation", self.generations.get(member_id, 0)),
            member_id=member_id,
            **fields,
        )
        return int(classic_members.heartbeat(self.group, request, self.now_ms).error_code)

    def classic_leave(self, *members: MemberIdentity) -> Any:
        return self.take(classic_members.leave(self.group, list(members), "t"))

    def settle_mixed(self, *names: str) -> None:
        """Have all members do what they are told until nothing changes."""
        for _ in range(30):
            before = len(self.records)
            for member_id in list(self.epochs):
                assert self.beat(member_id).error_code == 0
            for member_id in list(self.generations):
                if self.classic_beat(member_id) == REBALANCE:
                    assert self.classic_join(member_id, *names).error_code == 0
                    assert self.classic_sync(member_id).error_code == 0
            if len(self.records) == before:
                return
        raise AssertionError("it does not settle")

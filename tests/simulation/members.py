"""Model members of a group: one of each protocol, which commit how far they have read."""

from collections.abc import Collection
from typing import Any

from kafkacompat_protocol.embedded.consumer_protocol_assignment import (
    AssignedTopicPartition,
    ConsumerProtocolAssignment,
)
from kafkacompat_protocol.embedded.consumer_protocol_subscription import (
    ConsumerProtocolSubscription,
)
from kafkacompat_protocol.embedded.framing import read_embedded, write_embedded
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.consumer_group_heartbeat import (
    ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatRequestTopicPartitions,
)
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest
from kafkacompat_protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kafkacompat_protocol.messages.leave_group import LeaveGroupRequest
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafkacompat_protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
)
from kafkacompat_protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment
from tests.simulation.network import Network, TimedOut

GROUP, TOPIC, PARTITIONS = "g", "t", 4
BEAT_MS, SESSION_MS, REBALANCE_MS = 300, 2_500, 4_000
JOIN_TIMEOUT_MS = REBALANCE_MS + 1_000
LOST_PLACE = frozenset(
    {
        ErrorCode.UNKNOWN_MEMBER_ID,
        ErrorCode.FENCED_MEMBER_EPOCH,
        ErrorCode.ILLEGAL_GENERATION,
        ErrorCode.GROUP_ID_NOT_FOUND,
        ErrorCode.FENCED_INSTANCE_ID,
    }
)


class Ledger:
    """What members were told, and what was committed, over the whole run."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self.owners: dict[tuple[int, int], str] = {}
        self.acknowledged: dict[int, int] = {}
        self.violations: list[str] = []

    def told(self, member: str, epoch: int, partitions: set[int]) -> None:
        """A member was told what it has in an epoch: nobody else had that in it."""
        for partition in partitions:
            owner = self.owners.setdefault((partition, epoch), member)
            if owner != member:
                self.violations.append(
                    f"partition {partition} has owners {owner} and {member} in epoch {epoch}"
                )

    def given(self, to: "Member", partitions: set[int], known: Collection[str]) -> None:
        """A member gets partitions: no other that the group knows may have them still."""
        for other in self.members:
            if other is not to and other.lives and other.member_id in known:
                both = sorted(other.owned & partitions)
                if both:
                    self.violations.append(f"{to.name} gets {both}, which {other.name} has")

    def committed(self, partition: int, offset: int) -> None:
        """A commit was acknowledged."""
        self.acknowledged[partition] = max(offset, self.acknowledged.get(partition, -1))

    def found(self, partition: int, offset: int) -> None:
        """An offset was looked up."""
        if offset < self.acknowledged.get(partition, -1):
            self.violations.append(
                f"D6: partition {partition} is at {offset}, {self.acknowledged[partition]} was "
                "acknowledged"
            )


class Member:
    """What members of both protocols have in common."""

    def __init__(self, network: Network, orderly: Network, name: str, ledger: Ledger) -> None:
        self.network = network
        self.orderly = orderly
        """Where nothing comes late: commits go over one connection."""
        self.simulation = network.simulation
        self.name = name
        self.ledger = ledger
        self.member_id = name
        self.epoch = 0
        self.owned: set[int] = set()
        self.lives = True
        self.leaves = False

    async def run(self) -> None:
        """Be a member until told to leave, or killed."""
        try:
            while self.lives and not self.leaves:
                await self.step()
            if self.leaves:
                await self.leave()
        finally:
            self.lives = False

    async def step(self) -> None:
        raise NotImplementedError

    async def leave(self) -> None:
        raise NotImplementedError

    async def ask(self, request: Any, version: int, *, timeout_ms: int = 600) -> Any | None:
        """Send a request once; None if it is lost."""
        try:
            return await self.network.call(self.name, request, version, timeout_ms)
        except TimedOut:
            return None

    def note(self, *words: object) -> None:
        self.simulation.note(self.name, *words)

    def has(self, partitions: set[int]) -> None:
        self.ledger.given(self, partitions - self.owned, self._known_to_the_group())
        self.owned = partitions
        self.note("has", sorted(partitions), "in", self.epoch)
        self.ledger.told(self.name, self.epoch, partitions)

    def _known_to_the_group(self) -> Collection[str]:
        node = self.network.broker.node
        shards = [] if node is None else node.groups.loaded_shards()
        groups = [shard.groups[GROUP] for shard in shards if GROUP in shard.groups]
        return groups[0].members if groups else ()

    async def work(self) -> None:
        """Look up how far a partition is read, and commit a bit more."""
        if not self.owned or self.simulation.chance.random() < 0.5:
            return
        partition = self.simulation.chance.choice(sorted(self.owned))
        topic = OffsetFetchRequestTopics(name=TOPIC, partition_indexes=[partition])
        asked = OffsetFetchRequestGroup(group_id=GROUP, topics=[topic])
        epoch = self.epoch
        known = dict(self.ledger.acknowledged)
        try:
            told = await self.orderly.call(self.name, OffsetFetchRequest(groups=[asked]), 8)
        except TimedOut:
            return
        if told.groups[0].error_code:
            return
        offset = told.groups[0].topics[0].partitions[0].committed_offset
        if offset < known.get(partition, -1):
            self.ledger.found(partition, offset)
        await self._commit(partition, max(0, offset) + 1, epoch)

    async def _commit(self, partition: int, offset: int, epoch: int) -> None:
        item = OffsetCommitRequestPartition(
            partition_index=partition, committed_offset=offset, committed_metadata=""
        )
        request = OffsetCommitRequest(
            group_id=GROUP,
            generation_id_or_member_epoch=epoch,
            member_id=self.member_id,
            topics=[OffsetCommitRequestTopic(name=TOPIC, partitions=[item])],
        )
        try:
            told = await self.orderly.call(self.name, request, 9)
        except TimedOut:
            return
        code = told.topics[0].partitions[0].error_code
        if code == 0:
            self.ledger.committed(partition, offset)


class ConsumerModel(Member):
    """A member by KIP-848: it beats, and has what it is told."""

    async def step(self) -> None:
        chance = self.simulation.chance
        topic_id = self._topic_id()
        if topic_id is None:
            await self.simulation.sleep(50)
            return
        told = await self.ask(self._beat(topic_id), 1)
        if told is None:
            return
        code = ErrorCode(told.error_code)
        if code in LOST_PLACE:
            self.note("loses its place:", code.name)
            self.epoch, self.owned = 0, set()
        elif code is ErrorCode.NONE:
            self.epoch = told.member_epoch
            if told.assignment is not None:
                parts = told.assignment.topic_partitions
                self.has({index for part in parts for index in part.partitions})
            else:
                self.ledger.told(self.name, self.epoch, self.owned)
            await self.work()
        await self.simulation.sleep(chance.randint(BEAT_MS // 4, BEAT_MS))

    def _topic_id(self) -> bytes | None:
        node = self.network.broker.node
        return None if node is None else node.image.topics[TOPIC].topic_id

    def _beat(self, topic_id: bytes) -> ConsumerGroupHeartbeatRequest:
        owned = ConsumerGroupHeartbeatRequestTopicPartitions(
            topic_id=topic_id, partitions=sorted(self.owned)
        )
        joins = self.epoch == 0
        return ConsumerGroupHeartbeatRequest(
            group_id=GROUP,
            member_id=self.member_id,
            member_epoch=self.epoch,
            rebalance_timeout_ms=REBALANCE_MS,
            subscribed_topic_names=[TOPIC],
            topic_partitions=[owned] if self.owned and not joins else [],
        )

    async def leave(self) -> None:
        request = ConsumerGroupHeartbeatRequest(
            group_id=GROUP, member_id=self.member_id, member_epoch=-1
        )
        await self.ask(request, 1)
        self.note("has left")


class ClassicModel(Member):
    """A member by the classic protocol, eager: it gives everything back before it joins."""

    def __init__(self, *how: Any) -> None:
        super().__init__(*how)
        self.member_id = ""
        self.is_in = False

    async def step(self) -> None:
        if not self.is_in:
            await self._join()
            return
        request = HeartbeatRequest(
            group_id=GROUP, generation_id=self.epoch, member_id=self.member_id
        )
        told = await self.ask(request, 3)
        if told is not None:
            code = ErrorCode(told.error_code)
            if code in LOST_PLACE:
                self._lose(code)
            elif code is ErrorCode.REBALANCE_IN_PROGRESS:
                self.owned, self.is_in = set(), False
            elif code is ErrorCode.NONE:
                await self.work()
        await self.simulation.sleep(self.simulation.chance.randint(BEAT_MS // 4, BEAT_MS))

    def _lose(self, code: ErrorCode) -> None:
        self.note("loses its place:", code.name)
        self.owned, self.is_in = set(), False
        if code is not ErrorCode.ILLEGAL_GENERATION:
            self.member_id = ""

    async def _join(self) -> None:
        metadata = write_embedded(ConsumerProtocolSubscription(topics=[TOPIC]), 0)
        request = JoinGroupRequest(
            group_id=GROUP,
            session_timeout_ms=SESSION_MS,
            rebalance_timeout_ms=REBALANCE_MS,
            member_id=self.member_id,
            protocol_type="consumer",
            protocols=[JoinGroupRequestProtocol(name="range", metadata=metadata)],
        )
        told = await self.ask(request, 5, timeout_ms=JOIN_TIMEOUT_MS)
        if told is None:
            return
        code = ErrorCode(told.error_code)
        if code is ErrorCode.MEMBER_ID_REQUIRED:
            self.member_id = told.member_id
        elif code in LOST_PLACE:
            self._lose(code)
        elif code is ErrorCode.NONE:
            self.member_id, self.epoch = told.member_id, told.generation_id
            await self._sync(told)
        else:
            await self.simulation.sleep(50)

    async def _sync(self, joined: Any) -> None:
        shares: list[SyncGroupRequestAssignment] = []
        if joined.leader == self.member_id:
            members = sorted(member.member_id for member in joined.members)
            for number, member_id in enumerate(members):
                part = AssignedTopicPartition(
                    topic=TOPIC, partitions=list(range(number, PARTITIONS, len(members)))
                )
                value = ConsumerProtocolAssignment(assigned_partitions=[part])
                shares.append(
                    SyncGroupRequestAssignment(
                        member_id=member_id, assignment=write_embedded(value, 0)
                    )
                )
        request = SyncGroupRequest(
            group_id=GROUP,
            generation_id=self.epoch,
            member_id=self.member_id,
            protocol_type="consumer",
            protocol_name="range",
            assignments=shares,
        )
        told = await self.ask(request, 5, timeout_ms=JOIN_TIMEOUT_MS)
        if told is None:
            return
        code = ErrorCode(told.error_code)
        if code is ErrorCode.NONE:
            value = read_embedded(ConsumerProtocolAssignment, told.assignment)
            self.is_in = True
            self.has({i for part in value.assigned_partitions for i in part.partitions})
        elif code in LOST_PLACE:
            self._lose(code)
        else:
            await self.simulation.sleep(20)

    async def leave(self) -> None:
        if self.member_id:
            await self.ask(LeaveGroupRequest(group_id=GROUP, member_id=self.member_id), 2)
        self.note("has left")

"""What time or other brokers would do, done at once: leaders and coordinators move, logs age."""

from kafkacompat.config import keys
from kafkacompat.embedded.clock import AdjustableClock
from kafkacompat.embedded.faults import Kind, Match
from kafkacompat.embedded.host import BrokerError, Host
from kafkacompat.embedded.tap import Tap
from kafkacompat.metadata import election_commands
from kafkacompat.metadata.image import NO_LEADER
from kafkacompat.metadata.internal_topics import OFFSETS_TOPIC
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.topics import PartitionChangeRecord


class ClockPowers:
    """The broker's clock, from any thread."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @property
    def now_ms(self) -> int:
        """The broker's wall time in milliseconds."""
        return self._host.clock_ms()

    def advance(
        self, *, days: float = 0, hours: float = 0, seconds: float = 0, ms: int = 0
    ) -> None:
        """Put the time forward: sessions, timeouts, retention, expiry follow at once."""
        by_ms = int(((days * 24 + hours) * 3600 + seconds) * 1000) + ms
        self._host.call(lambda: self._clock.advance(by_ms))

    def freeze(self) -> None:
        """Stop the time."""
        self._host.call(self._clock.freeze)

    def unfreeze(self) -> None:
        """Let the time go on."""
        self._host.call(self._clock.unfreeze)

    @property
    def _clock(self) -> AdjustableClock:
        return self._host.clock


class MovePowers:
    """Leaders, coordinators, retention, compaction, rebalances."""

    _host: Host
    _tap: Tap
    clock: ClockPowers

    def move_leader(self, topic: str, partition: int = 0, *, to: int | None = None) -> None:
        """Have a partition led anew, in another epoch: who reads or writes it is told to look.

        With several brokers it goes to the one that is named, or to any other that is in sync.

        Errors: KafkaError.
        """
        self._host.run(self._move_leader(topic, partition, to))

    async def _move_leader(self, topic: str, partition: int, to: int | None) -> None:
        controller = self._host.controller
        state = controller.image.topics.get(topic)
        if state is None or partition not in state.partitions:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"{topic}-{partition}")
        place, found = controller.place, state.partitions[partition]
        if place.racks is not None:
            if to is None:
                others = [each for each in found.isr if each != found.leader]
                to = next((each for each in others if each in place.living), found.leader)
            if to not in place.living:
                raise KafkaError(ErrorCode.BROKER_NOT_AVAILABLE, f"broker {to} does not live")
            await controller.commit(election_commands.move_leader(state, found, to))
            return
        gone = PartitionChangeRecord(
            partition_id=partition, topic_id=state.topic_id, leader=NO_LEADER
        )
        await controller.commit([gone])
        await controller.commit(
            election_commands.take_leadership(state, state.partitions[partition], place)
        )

    def move_coordinator(self, group: str, *, to: int | None = None) -> None:
        """Have a group's coordinator begin anew from the log: on another broker, if there are any.

        Errors: KafkaError.
        """
        node = self._host.node
        if self._host.controller.place.racks is None:
            self._host.call(lambda: node.groups.reload(group))
            return
        index = self._host.call(lambda: node.groups.index_of(group))
        self._host.run(self._move_leader(OFFSETS_TOPIC, index, to))

    def apply_retention(self) -> None:
        """Delete now what retention.ms and retention.bytes say is too old or too much."""
        self._host.run(self._apply_retention())

    async def _apply_retention(self) -> None:
        for node in self._host.brokers.nodes:
            await node.retention.run()

    def compact(self, topic: str, partition: int | None = None) -> None:
        """Compact now all that a topic has: the newest record of each key stays.

        Errors: KafkaError for a partition that there is not; BrokerError for a topic that is not
        compacted.
        """
        self._host.run(self._compact(topic, partition))

    async def _compact(self, topic: str, partition: int | None) -> None:
        node = self._host.node
        state = node.image.topics.get(topic)
        if state is None or (partition is not None and partition not in state.partitions):
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, topic)
        if "compact" not in node.partitions.topic_config(topic).get(keys.CLEANUP_POLICY):
            raise BrokerError(f"{topic} is not compacted")
        for index in list(state.partitions) if partition is None else [partition]:
            await self._host.leader(topic, index).cleaning.compact(topic, index)

    def force_rebalance(self, group: str) -> None:
        """Have all members of a group join it again. Errors: BrokerError if it has none."""
        self._host.call(lambda: self._rebalance(group))

    def _rebalance(self, group: str) -> None:
        groups = self._host.node.groups.at(group)
        shard = groups.shard(group)
        classic = shard.classic(group)
        if classic is not None and classic.members:
            groups.rejoin(shard, group)
            return
        machine = shard.machines.get(group)
        members = getattr(machine, "members", None)
        if not members:
            raise BrokerError(f"{group} has no members")
        # Those of the newer protocols join again when they are told that their epoch is over.
        for api in ("ConsumerGroupHeartbeat", "ShareGroupHeartbeat"):
            self._tap.faults.add(
                Kind.ERROR,
                Match(api=api, group=group),
                code=ErrorCode.FENCED_MEMBER_EPOCH,
                times=len(members),
            )

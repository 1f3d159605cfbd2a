"""What time or other brokers would do, done at once: leaders and coordinators move, logs age."""

from kafkacompat.config import keys
from kafkacompat.embedded.clock import AdjustableClock
from kafkacompat.embedded.faults import Kind, Match
from kafkacompat.embedded.host import BrokerError, Host
from kafkacompat.embedded.tap import Tap
from kafkacompat.metadata import commands
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.topics import PartitionChangeRecord

_NO_LEADER = -1


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

    def move_leader(self, topic: str, partition: int = 0) -> None:
        """Have a partition led anew, in another epoch: who reads or writes it is told to look.

        Errors: KafkaError.
        """
        self._host.run(self._move_leader(topic, partition))

    async def _move_leader(self, topic: str, partition: int) -> None:
        node = self._host.node
        state = node.image.topics.get(topic)
        if state is None or partition not in state.partitions:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"{topic}-{partition}")
        found = node.partitions.if_open(topic, partition)
        gone = PartitionChangeRecord(
            partition_id=partition, topic_id=state.topic_id, leader=_NO_LEADER
        )
        await node.controller.commit([gone])
        if found is not None:
            found.resign()
        place = node.controller.place
        await node.controller.commit(
            commands.take_leadership(state, state.partitions[partition], place)
        )

    def move_coordinator(self, group: str) -> None:
        """Have a group's coordinator begin anew from the log, as if it had moved.

        Errors: KafkaError.
        """
        self._host.call(lambda: self._host.node.groups.reload(group))

    def apply_retention(self) -> None:
        """Delete now what retention.ms and retention.bytes say is too old or too much."""
        self._host.run(self._host.node.retention.run())

    def compact(self, topic: str, partition: int | None = None) -> None:
        """Compact now all that a topic has: the newest record of each key stays.

        Errors: KafkaError for a partition that there is not; BrokerError for a topic that is not
        compacted.
        """
        self._host.run(self._compact(topic, partition))

    async def _compact(self, topic: str, partition: int | None) -> None:
        node = self._host.node
        state = node.image.topics.get(topic)
        if state is None:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, topic)
        if "compact" not in node.partitions.topic_config(topic).get(keys.CLEANUP_POLICY):
            raise BrokerError(f"{topic} is not compacted")
        for index in list(state.partitions) if partition is None else [partition]:
            await node.cleaning.compact(topic, index)

    def force_rebalance(self, group: str) -> None:
        """Have all members of a group join it again. Errors: BrokerError if it has none."""
        self._host.call(lambda: self._rebalance(group))

    def _rebalance(self, group: str) -> None:
        groups = self._host.node.groups
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

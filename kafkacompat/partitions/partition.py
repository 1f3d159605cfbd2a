"""A partition that this node leads: its log, its epoch, and those who wait for records.

It works only between `become_leader` and `resign`. Handlers ask for it through
`Partitions.find`, which says NOT_LEADER_OR_FOLLOWER and its kin.
"""

from collections.abc import Callable

from kafkacompat.metadata.image import PartitionState
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_storage.log import PartitionLog

NO_EPOCH = -1


class Partition:
    """One partition on its leader."""

    __slots__ = (
        "index",
        "is_leader",
        "lacks_replicas",
        "leader_epoch",
        "log",
        "rules",
        "topic",
        "topic_id",
        "waiting",
    )

    def __init__(self, topic: str, topic_id: bytes, index: int, log: PartitionLog) -> None:
        self.topic = topic
        self.topic_id = topic_id
        self.index = index
        self.log = log
        self.leader_epoch = NO_EPOCH
        self.is_leader = False
        self.lacks_replicas = False
        """Whether fewer replicas are in sync than min.insync.replicas asks for."""
        self.waiting: dict[object, Callable[[], None]] = {}
        log.on_high_watermark = self._wake

    def become_leader(self, leader_epoch: int) -> None:
        """Begin to serve, in this epoch."""
        self.leader_epoch = leader_epoch
        self.is_leader = True

    def resign(self) -> None:
        """Serve no more; those who wait find out at once."""
        self.is_leader = False
        self.wake()

    def is_led_in(self, state: PartitionState, node_id: int) -> bool:
        """Whether this node leads it still, in the epoch that the metadata say."""
        now = (state.leader, state.leader_epoch)
        return self.is_leader and now == (node_id, self.leader_epoch)

    def check_epoch(self, current_leader_epoch: int) -> None:
        """Compare the epoch that a client believes in with ours; -1 is not checked.

        Errors: NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH.
        Spec: KIP-320.
        """
        if not self.is_leader:
            raise KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER)
        if current_leader_epoch < 0 or current_leader_epoch == self.leader_epoch:
            return
        if current_leader_epoch < self.leader_epoch:
            raise KafkaError(ErrorCode.FENCED_LEADER_EPOCH)
        raise KafkaError(ErrorCode.UNKNOWN_LEADER_EPOCH)

    def readable_end(self, isolation_level: int) -> int:
        """Return the offset up to which a consumer may read: high watermark, or LSO."""
        log = self.log
        return log.high_watermark if isolation_level == 0 else log.last_stable_offset

    def wait(self, waiter: object, wake: Callable[[], None]) -> None:
        """Have `wake` called whenever more can be read, until `stop_waiting`."""
        self.waiting[waiter] = wake

    def stop_waiting(self, waiter: object) -> None:
        """Forget a waiter."""
        self.waiting.pop(waiter, None)

    def wake(self) -> None:
        """Tell all who wait that something changed."""
        for wake in list(self.waiting.values()):
            wake()

    def _wake(self, log: PartitionLog) -> None:
        if self.waiting:
            self.wake()

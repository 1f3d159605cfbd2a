"""A share group on a table: heartbeats in, answers out, topics to change, time as a number."""

from collections.abc import Sequence
from itertools import count

from kafkacompat.coordinator.groups.classic import GroupSettings
from kafkacompat.coordinator.groups.shard import GroupShard
from kafkacompat.coordinator.groups.share import (
    MemberLeft,
    Sender,
    ShareGroup,
    ShareGroupSettings,
)
from kafkacompat.coordinator.groups.topics import Topic
from kafkacompat.coordinator.outcome import Outcome, Write
from kafkacompat_protocol.messages.share_group_heartbeat import (
    ShareGroupHeartbeatRequest,
    ShareGroupHeartbeatResponse,
)

SETTINGS = ShareGroupSettings(session_timeout_ms=45_000, heartbeat_interval_ms=5_000, max_size=20)
CLASSIC_SETTINGS = GroupSettings(0, 1_000, 100_000, 10)
WALL_MS = 1_700_000_000_000
JOIN, LEAVE = 0, -1


def topic_id(number: int) -> bytes:
    """Return the id of the topic that was made as this one, counted from 1."""
    return bytes(15) + bytes([number])


class ShareTable:
    """One share group with its records; every heartbeat is answered at once."""

    def __init__(self, settings: ShareGroupSettings = SETTINGS, **topics: int) -> None:
        self.settings = settings
        self.topics: dict[str, Topic] = {}
        self.now_ms = 0
        self.records: list[Write] = []
        self.left: list[str] = []
        """Members that the share-partitions were told to be gone."""
        self._numbers = count(1)
        self.shard = self._new_shard()
        for name, partitions in topics.items():
            self.make_topic(name, partitions)

    def _new_shard(self) -> GroupShard:
        return GroupShard(None, CLASSIC_SETTINGS, lambda _: self.settings)  # type: ignore[arg-type]

    def make_topic(self, name: str, partitions: int = 1) -> None:
        self.topics[name] = Topic(topic_id(next(self._numbers)), partitions)

    def grow_topic(self, name: str, partitions: int) -> None:
        self.topics[name] = self.topics[name]._replace(partitions=partitions)

    @property
    def group(self) -> ShareGroup:
        return self.shard.share_group("g")

    def take(self, outcome: Outcome) -> ShareGroupHeartbeatResponse | None:
        """Write an outcome's records and return its answer."""
        for write in outcome.records:
            self.records.append(write)
            assert self.shard.written(write.key, write.value, len(self.records), self.now_ms)
        self.left += [each.member_id for each in outcome.effects if isinstance(each, MemberLeft)]
        return outcome.replies[0][1] if outcome.replies else None

    def beat(
        self,
        member_id: str,
        epoch: int | None = None,
        topics: Sequence[str] | None = None,
        rack_id: str | None = None,
    ) -> ShareGroupHeartbeatResponse:
        """Send a heartbeat, by default with the epoch that the group knows the member by."""
        if epoch is None:
            epoch = self.group.members[member_id].epoch
        request = ShareGroupHeartbeatRequest(
            group_id="g",
            member_id=member_id,
            member_epoch=epoch,
            rack_id=rack_id,
            subscribed_topic_names=None if topics is None else list(topics),
        )
        sender = Sender("c", "/127.0.0.1", self.now_ms, WALL_MS + self.now_ms)
        found = self.take(self.group.heartbeat(request, sender, self.topics.get, "t"))
        assert found is not None
        return found

    def join(self, *member_ids: str, topics: Sequence[str] = ("t",)) -> None:
        """Let members join; the assignment is not told to all of them yet."""
        for member_id in member_ids:
            assert self.beat(member_id, JOIN, topics).error_code == 0

    def settle(self) -> dict[str, list[tuple[str, int]]]:
        """Let every member send a heartbeat; return what each then has, by topic name."""
        for member_id in list(self.group.members):
            assert self.beat(member_id).error_code == 0
        return self.held()

    def held(self) -> dict[str, list[tuple[str, int]]]:
        """Return what each member has, by topic name."""
        names = {topic.topic_id: name for name, topic in self.topics.items()}
        return {
            member.member_id: sorted((names[place[0]], place[1]) for place in member.assigned)
            for member in self.group.members.values()
        }

    def pass_time(self, by_ms: int) -> None:
        """Advance, and do what is due then."""
        self.now_ms += by_ms
        due_ms = self.group.next_deadline_ms()
        if due_ms is not None and due_ms <= self.now_ms:
            self.take(self.group.expire(self.now_ms, WALL_MS + self.now_ms))

    def restart(self, *, after_ms: int = 0) -> None:
        """Forget all but the records, and load them."""
        self.now_ms += after_ms
        self.shard = self._new_shard()
        for offset, write in enumerate(self.records):
            self.shard.load(write.key, write.value, offset, self.now_ms)

    def compact(self) -> None:
        """Keep the newest record of each key only, in the order of the log."""
        newest = {repr(write.key): index for index, write in enumerate(self.records)}
        self.records = [self.records[index] for index in sorted(newest.values())]


def told(response: ShareGroupHeartbeatResponse) -> dict[bytes, list[int]] | None:
    """Return the assignment in an answer."""
    if response.assignment is None:
        return None
    return {each.topic_id: each.partitions for each in response.assignment.topic_partitions}

"""Groups, as tests want them: what they have committed, how far behind they are, when they rest."""

from typing import Any

from kafkacompat.embedded.client import check
from kafkacompat.embedded.data import LATEST, DataPowers
from kafkacompat.embedded.waiting import PATIENCE_S, wait_until
from kafkacompat.metadata.internal_topics import OFFSETS_TOPIC
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.list_groups import ListGroupsRequest
from kafkacompat_protocol.messages.metadata import MetadataRequest, MetadataRequestTopic
from kafkacompat_protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestGroup

_NOT_NOW = (
    ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    ErrorCode.COORDINATOR_NOT_AVAILABLE,
    ErrorCode.NOT_COORDINATOR,
)
STABLE = "Stable"


class GroupPowers(DataPowers):
    """Committed offsets, lag, states."""

    def groups(self) -> dict[str, str]:
        """Return the groups there are, and the state of each."""
        answers = self._client.call_all(ListGroupsRequest(), 5)
        return {each.group_id: each.group_state for told in answers for each in told.groups}

    def committed(self, group: str) -> dict[tuple[str, int], int]:
        """Return a group's committed offsets by topic and partition. Errors: KafkaError."""
        if not self._has_offsets():
            return {}
        wanted = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=None)])
        told: Any = None

        def answered() -> bool:
            nonlocal told
            told = self._client.call_coordinator(group, wanted, 8).groups[0]
            return told.error_code not in _NOT_NOW

        wait_until(answered, lambda: f"no coordinator for {group}", PATIENCE_S)
        if told.error_code == ErrorCode.GROUP_ID_NOT_FOUND:
            return {}
        check(told.error_code)
        return {
            (topic.name, part.partition_index): part.committed_offset
            for topic in told.topics
            for part in topic.partitions
            if part.committed_offset >= 0
        }

    def _has_offsets(self) -> bool:
        """Whether any group has ever committed anything."""
        wanted = MetadataRequest(
            topics=[MetadataRequestTopic(name=OFFSETS_TOPIC)], allow_auto_topic_creation=False
        )
        return not self._client.call(wanted, 9).topics[0].error_code

    def lag(self, group: str) -> dict[tuple[str, int], int]:
        """Return how many offsets a group is behind, where it has committed. Errors: KafkaError."""
        return {
            place: max(0, self._end(*place) - offset)
            for place, offset in self.committed(group).items()
        }

    def _end(self, topic: str, partition: int) -> int:
        """Return a partition's next offset, 0 where there is none."""
        try:
            return self._offset(topic, partition, LATEST)
        except KafkaError:
            return 0

    def wait_for_group(
        self, group: str, *, state: str = STABLE, timeout_s: float = PATIENCE_S
    ) -> None:
        """Wait until a group is in a state. Errors: TimeoutError."""
        wait_until(
            lambda: self.groups().get(group) == state,
            lambda: f"{group} is {self.groups().get(group, 'unknown')}, not {state}",
            timeout_s,
        )

    def wait_for_no_lag(self, group: str, *, timeout_s: float = PATIENCE_S) -> None:
        """Wait until a group has committed everything there is. Errors: TimeoutError."""
        wait_until(
            lambda: bool(lag := self.lag(group)) and not any(lag.values()),
            lambda: f"{group} is behind: {self.lag(group)}",
            timeout_s,
        )

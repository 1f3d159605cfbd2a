"""Where the logs of brokers that died ended, for when one leads before it has caught up.

Of whom nothing is noted, as after a restore, it is taken that it has all.
"""

from kafkacompat.cluster.core import Core
from kafkacompat.metadata.election_commands import all_partitions
from kafkacompat.metadata.image import (
    NO_LEADER,
    PartitionState,
    TopicState,
)
from kafkacompat.partitions.append_rules import append_rules
from kafkacompat_protocol.metadata_records.topics import PartitionChangeRecord
from kafkacompat_storage.log import PartitionLog


class Positions:
    """Ends of logs, by partition and broker."""

    def __init__(self) -> None:
        self._ends: dict[tuple[bytes, int], dict[int, int]] = {}

    def note(self, core: Core, broker: int) -> None:
        """Note where a broker's logs end: where those of the leaders end, if it is in sync."""
        for topic, state in all_partitions(core.metadata_log.image):
            if broker in state.isr:
                ends = self._ends.setdefault((topic.topic_id, state.index), {})
                ends[broker] = _log(core, topic, state).end_offset

    def before(self, core: Core, change: PartitionChangeRecord) -> None:
        """Cut a log where that of its new leader ends, if this one was not in sync.

        Who is in sync from now on has all that the leader has.
        """
        topic = core.metadata_log.image.topics_by_id.get(change.topic_id)
        state = topic.partitions.get(change.partition_id) if topic is not None else None
        if topic is None or state is None:
            return
        ends = self._ends.get((change.topic_id, change.partition_id), {})
        if change.leader > NO_LEADER and change.leader not in state.isr:
            end = ends.get(change.leader)
            if end is not None:
                _log(core, topic, state).truncate_to(end)
                for broker in ends:
                    ends[broker] = min(ends[broker], end)
        for broker in change.isr or ():
            if broker not in state.isr:
                ends.pop(broker, None)


def _log(core: Core, topic: TopicState, state: PartitionState) -> PartitionLog:
    rules = append_rules(core.topic_config(topic.name), topic.name, state.index)
    return core.store.open(topic.name, state.index, topic.topic_id, rules)

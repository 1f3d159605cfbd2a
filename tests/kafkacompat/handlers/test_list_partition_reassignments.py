"""ListPartitionReassignments over the wire."""

from kafkacompat_protocol.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
    ListPartitionReassignmentsTopics,
    OngoingPartitionReassignment,
    OngoingTopicReassignment,
)
from kafkacompat_protocol.metadata_records.topics import PartitionChangeRecord
from tests.support.node import RunningNode


def listed(broker: RunningNode, *wanted: int) -> ListPartitionReassignmentsResponse:
    topics = [
        ListPartitionReassignmentsTopics(name="t", partition_indexes=list(wanted)),
        ListPartitionReassignmentsTopics(name="missing", partition_indexes=[0]),
    ]
    request = ListPartitionReassignmentsRequest(topics=topics if wanted else None)
    told: ListPartitionReassignmentsResponse = broker.call(request, 0)
    return told


def test_what_is_under_way_is_listed_and_nothing_else(broker: RunningNode) -> None:
    topic_id = broker.create_topic("t", 2)
    nothing = ListPartitionReassignmentsResponse(error_code=0, topics=[])
    assert listed(broker) == listed(broker, 0, 1, 9) == nothing

    def begin() -> None:  # As a directory that Kafka wrote may say.
        broker.node.image.apply(
            PartitionChangeRecord(
                partition_id=1, topic_id=topic_id, replicas=[1, 2], adding_replicas=[2]
            )
        )

    broker.run(begin)
    ongoing = OngoingPartitionReassignment(
        partition_index=1, replicas=[1, 2], adding_replicas=[2], removing_replicas=[]
    )
    found = [OngoingTopicReassignment(name="t", partitions=[ongoing])]
    assert listed(broker).topics == listed(broker, 0, 1).topics == found
    assert listed(broker, 0).topics == []

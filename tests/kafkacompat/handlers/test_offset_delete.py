"""OffsetDelete over the wire."""

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafkacompat_protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)
from kafkacompat_protocol.messages.offset_fetch import OffsetFetchRequest
from tests.support.groups_on_the_wire import enter
from tests.support.node import RunningNode, running_node


def delete_request(group: str, topic: str, *indexes: int) -> OffsetDeleteRequest:
    partitions = [OffsetDeleteRequestPartition(partition_index=index) for index in indexes]
    return OffsetDeleteRequest(
        group_id=group, topics=[OffsetDeleteRequestTopic(name=topic, partitions=partitions)]
    )


def commit(broker: RunningNode, group: str) -> None:
    part = OffsetCommitRequestPartition(
        partition_index=0, committed_offset=1, committed_metadata=""
    )
    topic = OffsetCommitRequestTopic(name="t", partitions=[part])
    broker.call(OffsetCommitRequest(group_id=group, topics=[topic]), 2)


def test_offsets_of_an_empty_group_are_deleted_one_by_one() -> None:
    with running_node() as broker:
        broker.create_topic("t")
        broker.call(FindCoordinatorRequest(key="g"), 2)
        commit(broker, "g")
        told = broker.call(delete_request("g", "t", 0, 7), 0)
        codes = [p.error_code for p in told.topics[0].partitions]
        assert codes == [0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]
        left = broker.call(OffsetFetchRequest(group_id="g", topics=None), 5)
        assert left.topics == []


def test_a_group_that_is_not_there_has_nothing_to_delete(broker: RunningNode) -> None:
    broker.call(FindCoordinatorRequest(key="g"), 2)
    told = broker.call(delete_request("unheard-of", "t", 0), 0)
    assert told.error_code == ErrorCode.GROUP_ID_NOT_FOUND


def test_a_group_without_a_name_is_no_group(broker: RunningNode) -> None:
    broker.call(FindCoordinatorRequest(key="g"), 2)
    told = broker.call(delete_request("", "t", 0), 0)
    assert told.error_code == ErrorCode.INVALID_GROUP_ID


def test_offsets_of_a_topic_that_is_read_are_kept(broker: RunningNode) -> None:
    broker.create_topic("t")
    enter(broker, "busy")
    told = broker.call(delete_request("busy", "t", 0), 0)
    assert told.topics[0].partitions[0].error_code == ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC

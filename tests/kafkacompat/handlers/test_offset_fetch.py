"""OffsetFetch over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafkacompat_protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopic,
    OffsetFetchRequestTopics,
)
from tests.support.node import RunningNode, running_node


@pytest.fixture(scope="module")
def topic_id(broker: RunningNode) -> bytes:
    """A topic of two partitions; group "g" has read the first to offset 5."""
    topic_id = broker.create_topic("t", 2)
    broker.call(FindCoordinatorRequest(key="g"), 2)
    part = OffsetCommitRequestPartition(
        partition_index=0,
        committed_offset=5,
        committed_leader_epoch=0,
        committed_metadata="note",
    )
    topic = OffsetCommitRequestTopic(name="t", partitions=[part])
    broker.call(OffsetCommitRequest(group_id="g", topics=[topic]), 7)
    return topic_id


@pytest.mark.parametrize("version", range(8))
def test_offsets_are_found_by_partition(broker: RunningNode, topic_id: bytes, version: int) -> None:
    wanted = OffsetFetchRequestTopic(name="t", partition_indexes=[0, 1])
    told = broker.call(OffsetFetchRequest(group_id="g", topics=[wanted]), version)
    found = [(p.committed_offset, p.metadata, p.error_code) for p in told.topics[0].partitions]
    assert found == [(5, "note", 0), (-1, "", 0)]


@pytest.mark.parametrize("version", range(8, 11))
def test_offsets_of_several_groups_are_found_at_once(
    broker: RunningNode, topic_id: bytes, version: int
) -> None:
    topics = [OffsetFetchRequestTopics(name="t", topic_id=topic_id, partition_indexes=[0])]
    groups = [OffsetFetchRequestGroup(group_id=name, topics=topics) for name in ("g", "other")]
    told = broker.call(OffsetFetchRequest(groups=groups), version)
    found = [g.topics[0].partitions[0].committed_offset for g in told.groups]
    assert found == [5, -1]


@pytest.mark.parametrize("version", [2, 7])
def test_null_topics_stand_for_all_that_is_committed(
    broker: RunningNode, topic_id: bytes, version: int
) -> None:
    told = broker.call(OffsetFetchRequest(group_id="g", topics=None), version)
    assert [(t.name, [p.partition_index for p in t.partitions]) for t in told.topics] == [
        ("t", [0])
    ]


@pytest.mark.parametrize("version", [8, 10])
def test_null_topics_of_a_group_stand_for_all_that_is_committed(
    broker: RunningNode, topic_id: bytes, version: int
) -> None:
    groups = [OffsetFetchRequestGroup(group_id="g", topics=None)]
    told = broker.call(OffsetFetchRequest(groups=groups), version)
    assert [p.committed_offset for p in told.groups[0].topics[0].partitions] == [5]


def test_an_unknown_topic_id_is_refused(broker: RunningNode, topic_id: bytes) -> None:
    topics = [OffsetFetchRequestTopics(topic_id=bytes(15) + b"\x09", partition_indexes=[0])]
    groups = [OffsetFetchRequestGroup(group_id="g", topics=topics)]
    told = broker.call(OffsetFetchRequest(groups=groups), 10)
    assert told.groups[0].topics[0].partitions[0].error_code == ErrorCode.UNKNOWN_TOPIC_ID


@pytest.mark.parametrize("version", [1, 5, 8])
def test_a_fetch_that_fails_is_refused_in_the_form_of_its_version(version: int) -> None:
    wanted = OffsetFetchRequestTopic(name="t", partition_indexes=[0])
    groups = [OffsetFetchRequestGroup(group_id="g", topics=[])]
    request = OffsetFetchRequest(group_id="g", topics=[wanted], groups=groups)
    with running_node() as without_offsets_topic:
        told = without_offsets_topic.call(request, version)
    code = {
        1: lambda: told.topics[0].partitions[0].error_code,
        5: lambda: told.error_code,
        8: lambda: told.groups[0].error_code,
    }[version]()
    assert code == ErrorCode.COORDINATOR_NOT_AVAILABLE

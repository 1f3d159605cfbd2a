"""What requests are about, found without a list of messages."""

from kafkacompat.config.values import BrokerConfig
from kafkacompat.embedded.subjects import merge, partition_slots, split, subjects_of
from kafkacompat.metadata.commands import NewTopic, Place, create_topic
from kafkacompat.metadata.image import MetadataImage
from kafkacompat_protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicState
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest
from kafkacompat_protocol.messages.metadata import MetadataRequest, MetadataRequestTopic
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
from kafkacompat_protocol.messages.produce import (
    PartitionProduceResponse,
    ProduceResponse,
    TopicProduceResponse,
)
from kafkacompat_protocol.schema import ZERO_UUID
from tests.support.produced import fetch_request, produce_request

IMAGE = MetadataImage()
for _record in create_topic(IMAGE, NewTopic("known", 1, 1), BrokerConfig({}), Place(1, bytes(16))):
    IMAGE.apply(_record)
KNOWN_ID = IMAGE.topics["known"].topic_id


def test_topics_and_partitions_are_found_wherever_they_are() -> None:
    assert subjects_of(produce_request(b"", index=3), IMAGE).partitions == {("t", 3)}
    by_id = fetch_request(topic="", topic_id=KNOWN_ID)
    assert subjects_of(by_id, IMAGE).partitions == {("known", 0)}
    metadata = MetadataRequest(topics=[MetadataRequestTopic(name="a")])
    assert subjects_of(metadata, IMAGE).partitions == {("a", None)}
    assert subjects_of(MetadataRequest(topics=None), IMAGE).topics == set()
    wanted = DeleteTopicState(name="gone", topic_id=ZERO_UUID)
    deleting = DeleteTopicsRequest(topics=[wanted], timeout_ms=1)
    assert subjects_of(deleting, IMAGE).topics == {"gone"}


def test_groups_and_transactions_are_found() -> None:
    beat = HeartbeatRequest(group_id="g", generation_id=1, member_id="m")
    assert subjects_of(beat, IMAGE).groups == {"g"}
    assert "g" in subjects_of(FindCoordinatorRequest(key="g"), IMAGE).groups
    assert "g" in subjects_of(FindCoordinatorRequest(coordinator_keys=["g"]), IMAGE).groups
    group = OffsetFetchRequestGroup(
        group_id="g", topics=[OffsetFetchRequestTopics(name="t", partition_indexes=[1, 2])]
    )
    found = subjects_of(OffsetFetchRequest(groups=[group]), IMAGE)
    assert (found.groups, found.partitions) == ({"g"}, {("t", 1), ("t", 2)})
    request = produce_request(b"")
    request.transactional_id = "x"
    assert subjects_of(request, IMAGE).transactional_ids == {"x"}


def commit(*topics: tuple[str, list[int]]) -> OffsetCommitRequest:
    return OffsetCommitRequest(
        group_id="g",
        topics=[
            OffsetCommitRequestTopic(
                name=name,
                partitions=[
                    OffsetCommitRequestPartition(
                        partition_index=index, committed_offset=1, committed_metadata=None
                    )
                    for index in partitions
                ],
            )
            for name, partitions in topics
        ],
    )


def test_a_request_is_split_by_partitions() -> None:
    request = commit(("a", [0, 1]), ("b", [0]))
    meant, rest = split(request, IMAGE, lambda topic, partition: (topic, partition) == ("a", 1))
    assert meant == commit(("a", [1]))
    assert rest == commit(("a", [0]), ("b", [0]))
    assert split(request, IMAGE, lambda *place: True) == (request, None)
    assert split(request, IMAGE, lambda *place: False) == (None, request)
    beat = HeartbeatRequest(group_id="g", generation_id=1, member_id="m")
    assert split(beat, IMAGE, lambda *place: False) == (beat, None)


def answer(*topics: tuple[str, int]) -> ProduceResponse:
    return ProduceResponse(
        responses=[
            TopicProduceResponse(
                name=name,
                partition_responses=[
                    PartitionProduceResponse(index=index, error_code=0, base_offset=0)
                ],
            )
            for name, index in topics
        ]
    )


def test_two_answers_become_one_and_their_slots_are_found() -> None:
    whole = merge(answer(("a", 0)), answer(("b", 1)))
    assert whole == answer(("a", 0), ("b", 1))
    slots = list(partition_slots(whole, IMAGE, lambda topic, partition: topic == "b"))
    assert [slot.index for slot in slots] == [1]

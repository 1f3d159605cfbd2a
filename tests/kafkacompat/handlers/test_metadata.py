"""Metadata over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.metadata import MetadataRequest, MetadataRequestTopic
from tests.support.node import RunningNode, running_node


def named(*names: str) -> list[MetadataRequestTopic]:
    return [MetadataRequestTopic(name=name) for name in names]


@pytest.mark.parametrize("version", range(14))
def test_a_topic_is_described_in_every_version(broker: RunningNode, version: int) -> None:
    topic_id = broker.create_topic(f"t{version}", 3)
    told = broker.call(MetadataRequest(topics=named(f"t{version}")), version)
    assert [(b.node_id, b.host, b.port) for b in told.brokers] == [(1, *broker.address)]
    (topic,) = told.topics
    assert (topic.error_code, topic.name) == (0, f"t{version}")
    assert [(p.partition_index, p.leader_id, p.replica_nodes) for p in topic.partitions] == [
        (index, 1, [1]) for index in range(3)
    ]
    if version >= 10:
        assert topic.topic_id == topic_id
    if version >= 2:
        assert told.cluster_id == broker.node.cluster_id


@pytest.mark.parametrize(
    ("version", "topics", "finds"), [(0, [], True), (1, [], False), (1, None, True)]
)
def test_which_topics_no_topics_stand_for(
    broker: RunningNode, version: int, topics: list[MetadataRequestTopic] | None, finds: bool
) -> None:
    broker.create_topic(f"some{version}{finds}")
    told = broker.call(MetadataRequest(topics=topics), version)
    assert bool(told.topics) == finds


def test_a_topic_is_found_by_its_id(broker: RunningNode) -> None:
    topic_id = broker.create_topic("by-id")
    wanted = [MetadataRequestTopic(topic_id=topic_id, name=None)]
    (topic,) = broker.call(MetadataRequest(topics=wanted), 12).topics
    assert (topic.error_code, topic.name) == (0, "by-id")
    wanted = [MetadataRequestTopic(topic_id=bytes(15) + b"\x09", name=None)]
    (topic,) = broker.call(MetadataRequest(topics=wanted), 12).topics
    assert (topic.error_code, topic.name) == (ErrorCode.UNKNOWN_TOPIC_ID, None)


def test_a_missing_topic_is_made_if_both_sides_allow_it(broker: RunningNode) -> None:
    forbidden = MetadataRequest(topics=named("fresh"), allow_auto_topic_creation=False)
    assert broker.call(forbidden, 9).topics[0].error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    (topic,) = broker.call(MetadataRequest(topics=named("fresh")), 9).topics
    assert (topic.error_code, len(topic.partitions)) == (0, 1)


def test_nothing_is_made_where_the_broker_does_not_allow_it() -> None:
    with running_node({"auto.create.topics.enable": "false"}) as broker:
        (topic,) = broker.call(MetadataRequest(topics=named("fresh")), 9).topics
        assert topic.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "x" * 250, "ä"])
def test_an_illegal_name_is_refused(broker: RunningNode, name: str) -> None:
    for allow in (True, False):
        request = MetadataRequest(topics=named(name), allow_auto_topic_creation=allow)
        (topic,) = broker.call(request, 9).topics
        assert topic.error_code == ErrorCode.INVALID_TOPIC_EXCEPTION


def test_the_offsets_topic_is_made_as_the_broker_wants_it(broker: RunningNode) -> None:
    (topic,) = broker.call(MetadataRequest(topics=named("__consumer_offsets")), 9).topics
    assert (topic.error_code, topic.is_internal, len(topic.partitions)) == (0, True, 4)


def test_allowed_operations_are_told_on_request(broker: RunningNode) -> None:
    broker.create_topic("ops")
    request = MetadataRequest(
        topics=named("ops"),
        include_topic_authorized_operations=True,
        include_cluster_authorized_operations=True,
    )
    told = broker.call(request, 8)
    assert told.topics[0].topic_authorized_operations > 0
    assert told.cluster_authorized_operations > 0
    told = broker.call(MetadataRequest(topics=named("ops")), 8)
    assert told.topics[0].topic_authorized_operations == -2147483648


def test_the_metadata_log_is_not_to_be_had_as_a_topic(broker: RunningNode) -> None:
    wanted = [MetadataRequestTopic(name="__cluster_metadata")]
    (told,) = broker.call(MetadataRequest(topics=wanted), 9).topics
    assert told.error_code == ErrorCode.INVALID_REQUEST
    assert "__cluster_metadata" not in broker.node.image.topics


def test_a_topic_named_twice_is_described_once(broker: RunningNode) -> None:
    wanted = [MetadataRequestTopic(name="twice"), MetadataRequestTopic(name="twice")]
    assert [topic.name for topic in broker.call(MetadataRequest(topics=wanted), 9).topics] == [
        "twice"
    ]

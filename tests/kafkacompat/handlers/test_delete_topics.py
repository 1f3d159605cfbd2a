"""DeleteTopics over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicState
from tests.support.node import RunningNode, running_node
from tests.support.produced import batch, fetch, produce


@pytest.mark.parametrize("version", range(7))
def test_a_topic_is_deleted_in_every_version(broker: RunningNode, version: int) -> None:
    name = f"t{version}"
    broker.create_topic(name)
    request = DeleteTopicsRequest(
        topics=[DeleteTopicState(name=name)], topic_names=[name], timeout_ms=1000
    )
    for code in (ErrorCode.NONE, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION):
        (told,) = broker.call(request, version).responses
        assert (told.name, told.error_code) == (name, code)


def test_a_topic_is_deleted_by_its_id(broker: RunningNode) -> None:
    topic_id = broker.create_topic("by-id")
    request = DeleteTopicsRequest(
        topics=[DeleteTopicState(name=None, topic_id=topic_id)], topic_names=[], timeout_ms=1000
    )
    for code in (ErrorCode.NONE, ErrorCode.UNKNOWN_TOPIC_ID):
        assert broker.call(request, 6).responses[0].error_code == code


def test_names_and_ids_are_not_mixed_or_left_out(broker: RunningNode) -> None:
    topic_id = broker.create_topic("kept")
    wanted = [DeleteTopicState(name="kept", topic_id=topic_id), DeleteTopicState(name=None)]
    request = DeleteTopicsRequest(topics=wanted, topic_names=[], timeout_ms=1000)
    codes = [r.error_code for r in broker.call(request, 6).responses]
    assert codes == [ErrorCode.INVALID_REQUEST, ErrorCode.INVALID_REQUEST]
    assert "kept" in broker.node.image.topics


def test_a_topic_named_twice_is_kept(broker: RunningNode) -> None:
    broker.create_topic("twice")
    request = DeleteTopicsRequest(topic_names=["twice", "twice"], timeout_ms=1000)
    (told,) = broker.call(request, 3).responses
    assert told.error_code == ErrorCode.INVALID_REQUEST
    assert "twice" in broker.node.image.topics


def test_deleting_can_be_forbidden() -> None:
    with running_node({"delete.topic.enable": "false"}) as broker:
        broker.create_topic("t")
        request = DeleteTopicsRequest(topic_names=["t"], timeout_ms=1000)
        (told,) = broker.call(request, 5).responses
        assert told.error_code == ErrorCode.TOPIC_DELETION_DISABLED
        (told,) = broker.call(request, 2).responses
        assert told.error_code == ErrorCode.INVALID_REQUEST


def test_a_topic_made_again_begins_empty(broker: RunningNode) -> None:
    broker.create_topic("again")
    produce(broker, batch(b"old"), topic="again")
    broker.call(DeleteTopicsRequest(topic_names=["again"], timeout_ms=1000), 3)
    broker.create_topic("again")
    assert fetch(broker, topic="again").high_watermark == 0


def test_very_many_topics_take_no_longer_each(broker: RunningNode) -> None:
    names = [f"missing-{number}" for number in range(50_000)]
    told = broker.call(DeleteTopicsRequest(topic_names=names, timeout_ms=1000), 3).responses
    assert len(told) == len(names)


def test_one_item_that_makes_no_sense_spoils_the_request(broker: RunningNode) -> None:
    broker.create_topic("spared")
    wanted = [DeleteTopicState(name=None), DeleteTopicState(name="spared")]
    request = DeleteTopicsRequest(topics=wanted, topic_names=[], timeout_ms=1000)
    told = broker.call(request, 6).responses
    assert [each.error_code for each in told] == [ErrorCode.INVALID_REQUEST] * 2
    assert "spared" in broker.node.image.topics


def test_a_topic_given_by_name_and_by_id_is_kept(broker: RunningNode) -> None:
    topic_id = broker.create_topic("both")
    wanted = [DeleteTopicState(name="both"), DeleteTopicState(name=None, topic_id=topic_id)]
    request = DeleteTopicsRequest(topics=wanted, topic_names=[], timeout_ms=1000)
    (told,) = broker.call(request, 6).responses
    message = "The provided topic name maps to an ID that was already supplied."
    assert (told.name, told.error_code) == ("both", ErrorCode.INVALID_REQUEST)
    assert told.error_message == message
    assert "both" in broker.node.image.topics

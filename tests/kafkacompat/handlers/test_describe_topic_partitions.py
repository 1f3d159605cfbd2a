"""DescribeTopicPartitions over the wire."""

from typing import Any

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_topic_partitions import (
    Cursor,
    DescribeTopicPartitionsRequest,
    TopicRequest,
)
from tests.support.node import RunningNode, running_node


def describe(broker: RunningNode, *names: str, **fields: Any) -> Any:
    topics = [TopicRequest(name=name) for name in names]
    return broker.call(DescribeTopicPartitionsRequest(topics=topics, **fields), 0)


def pages(broker: RunningNode, limit: int) -> list[list[tuple[str, int]]]:
    """Follow the cursor; return each page's partitions."""
    found, cursor = [], None
    while True:
        told = describe(broker, response_partition_limit=limit, cursor=cursor)
        found.append([(t.name, p.partition_index) for t in told.topics for p in t.partitions])
        cursor = told.next_cursor
        if cursor is None:
            return found


def test_pages_follow_one_another_without_gap_or_overlap() -> None:
    with running_node() as broker:
        for name, partitions in (("b", 2), ("a", 3), ("c", 1)):
            broker.create_topic(name, partitions)
        every = [("a", 0), ("a", 1), ("a", 2), ("b", 0), ("b", 1), ("c", 0)]
        assert pages(broker, 100) == [every]
        for limit in range(1, 7):
            found = pages(broker, limit)
            assert [item for page in found for item in page] == every
            assert max(map(len, found)) == limit


def test_topics_are_described_by_name_with_their_errors(broker: RunningNode) -> None:
    broker.create_topic("t")
    told = describe(broker, "t", "missing", "a b")
    codes = {topic.name: topic.error_code for topic in told.topics}
    assert codes == {
        "t": 0,
        "missing": ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        "a b": ErrorCode.INVALID_TOPIC_EXCEPTION,
    }


def test_a_cursor_of_no_sense_is_refused(broker: RunningNode) -> None:
    broker.create_topic("c")
    told = describe(broker, "c", cursor=Cursor(topic_name="c", partition_index=-1))
    assert told.topics[0].error_code == ErrorCode.INVALID_REQUEST


def test_a_cursor_must_be_at_a_topic_that_is_asked_for(broker: RunningNode) -> None:
    told = describe(broker, "c", cursor=Cursor(topic_name="d", partition_index=0))
    assert told.topics[0].error_code == ErrorCode.INVALID_REQUEST

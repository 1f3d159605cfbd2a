"""DescribeShareGroupOffsets over the wire."""

from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_share_group_offsets import (
    DescribeShareGroupOffsetsRequest,
    DescribeShareGroupOffsetsRequestGroup,
    DescribeShareGroupOffsetsRequestTopic,
    DescribeShareGroupOffsetsResponsePartition,
)
from tests.support.node import RunningNode
from tests.support.produced import batch, produce
from tests.support.sharing import ACCEPT, Member, configure_group


@pytest.fixture(scope="module")
def topic_id(broker: RunningNode) -> bytes:
    """A group that has accepted offsets 0 and 2 of five."""
    configure_group(broker, share_auto_offset_reset="earliest")
    topic_id = broker.create_topic("t", 2)
    produce(broker, batch(b"a", b"b", b"c", b"d", b"e"))
    member = Member(broker, topic_id)
    member.take()
    assert member.acknowledged((0, 0, [ACCEPT]), (2, 2, [ACCEPT])) == 0
    return topic_id


def describe(
    broker: RunningNode, group_id: str, topics: dict[str, list[int]] | None, version: int = 1
) -> Any:
    wanted = None
    if topics is not None:
        wanted = [
            DescribeShareGroupOffsetsRequestTopic(topic_name=name, partitions=partitions)
            for name, partitions in topics.items()
        ]
    group = DescribeShareGroupOffsetsRequestGroup(group_id=group_id, topics=wanted)
    answer = broker.call(DescribeShareGroupOffsetsRequest(groups=[group]), version)
    return answer.groups[0]


@pytest.mark.parametrize(("version", "lag"), [(0, -1), (1, 3)])
def test_a_group_is_described_with_what_is_left_to_do(
    broker: RunningNode, topic_id: bytes, version: int, lag: int
) -> None:
    (topic,) = describe(broker, "g", {"t": [0]}, version).topics

    assert (topic.topic_name, topic.topic_id) == ("t", topic_id)
    assert topic.partitions == [
        DescribeShareGroupOffsetsResponsePartition(
            partition_index=0, start_offset=1, leader_epoch=0, lag=lag
        )
    ]


def test_all_that_a_group_has_is_described(broker: RunningNode, topic_id: bytes) -> None:
    (topic,) = describe(broker, "g", None).topics

    assert [part.partition_index for part in topic.partitions] == [0]


def test_a_partition_that_the_group_has_not_begun_with_has_no_offset(
    broker: RunningNode, topic_id: bytes
) -> None:
    (topic,) = describe(broker, "g", {"t": [1]}).topics

    assert topic.partitions == [
        DescribeShareGroupOffsetsResponsePartition(
            partition_index=1, start_offset=-1, leader_epoch=0, lag=-1
        )
    ]


def test_an_unknown_topic_has_no_offset_and_an_unknown_partition_is_an_error(
    broker: RunningNode, topic_id: bytes
) -> None:
    topics = describe(broker, "g", {"missing": [0], "t": [9]}).topics

    (of_topic,), (of_partition,) = (topic.partitions for topic in topics)
    assert (of_topic.error_code, of_topic.start_offset, of_topic.lag) == (0, -1, -1)
    assert of_partition.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_a_group_that_does_not_exist_has_begun_with_nothing(
    broker: RunningNode, topic_id: bytes
) -> None:
    nothing = describe(broker, "nobody", None)
    assert (nothing.error_code, nothing.topics) == (0, [])
    (topic,) = describe(broker, "nobody", {"t": [0]}).topics
    assert topic.partitions[0].start_offset == -1

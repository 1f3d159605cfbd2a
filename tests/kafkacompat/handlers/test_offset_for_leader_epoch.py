"""OffsetForLeaderEpoch over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.offset_for_leader_epoch import (
    OffsetForLeaderEpochRequest,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)
from tests.support.node import RunningNode
from tests.support.produced import batch, produce


@pytest.fixture(scope="module", autouse=True)
def records(broker: RunningNode) -> None:
    """A topic of two records."""
    broker.create_topic("t")
    produce(broker, batch(b"a", b"b"))


def ask(
    broker: RunningNode, version: int, epoch: int, topic: str = "t", current: int = -1
) -> tuple[int, int, int]:
    part = OffsetForLeaderPartition(partition=0, leader_epoch=epoch, current_leader_epoch=current)
    topics = [OffsetForLeaderTopic(topic=topic, partitions=[part])]
    told = broker.call(OffsetForLeaderEpochRequest(topics=topics), version)
    found = told.topics[0].partitions[0]
    return found.error_code, found.leader_epoch, found.end_offset


@pytest.mark.parametrize("version", range(5))
def test_the_current_epoch_ends_with_the_log(broker: RunningNode, version: int) -> None:
    assert ask(broker, version, 0) == (0, 0 if version else -1, 2)


def test_an_epoch_to_come_is_not_known(broker: RunningNode) -> None:
    assert ask(broker, 3, 7) == (0, -1, -1)


def test_errors_are_told_per_partition(broker: RunningNode) -> None:
    assert ask(broker, 3, 0, "missing")[0] == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert ask(broker, 3, 0, current=5)[0] == ErrorCode.UNKNOWN_LEADER_EPOCH

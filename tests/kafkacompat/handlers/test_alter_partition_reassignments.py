"""AlterPartitionReassignments over the wire: what a cluster of one broker answers."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    ReassignablePartition,
    ReassignableTopic,
)
from tests.support.node import RunningNode

INVALID = ErrorCode.INVALID_REPLICA_ASSIGNMENT
UNKNOWN = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


@pytest.fixture(scope="module", autouse=True)
def topic(broker: RunningNode) -> None:
    broker.create_topic("t", 2)


def reassign(
    broker: RunningNode,
    *wanted: tuple[int, list[int] | None],
    topic: str = "t",
    version: int = 1,
    may_change_factor: bool = True,
) -> list[tuple[int, int, str | None]]:
    parts = [ReassignablePartition(partition_index=i, replicas=brokers) for i, brokers in wanted]
    request = AlterPartitionReassignmentsRequest(
        allow_replication_factor_change=may_change_factor,
        topics=[ReassignableTopic(name=topic, partitions=parts)],
    )
    told = broker.call(request, version)
    assert (told.error_code, told.error_message) == (0, None)
    assert told.allow_replication_factor_change is (may_change_factor or version == 0)
    return [
        (p.partition_index, p.error_code, p.error_message) for p in told.responses[0].partitions
    ]


@pytest.mark.parametrize("version", range(2))
def test_a_partition_can_stay_where_it_is(broker: RunningNode, version: int) -> None:
    before = broker.run(lambda: broker.node.metadata_log.end_offset)
    assert reassign(broker, (0, [1]), version=version) == [(0, 0, None)]
    assert broker.run(lambda: broker.node.metadata_log.end_offset) == before


def test_nothing_is_under_way_that_could_be_stopped(broker: RunningNode) -> None:
    told = reassign(broker, (1, None))
    assert told == [(1, ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, None)]


def test_brokers_that_cannot_be_are_refused(broker: RunningNode) -> None:
    what = "The manual partition assignment includes"
    absent = f"{what} broker 2, but no such broker is registered."
    assert reassign(broker, (0, [2]), (1, [])) == [
        (0, INVALID, absent),
        (1, INVALID, f"{what} an empty replica list."),
    ]
    assert reassign(broker, (0, [1, 1]), (1, [3, 2])) == [
        (0, INVALID, f"{what} the broker 1 more than once."),
        (1, INVALID, absent),
    ]
    assert reassign(broker, (0, [1, 2]), may_change_factor=False) == [(0, INVALID, absent)]


def test_what_does_not_exist_is_unknown(broker: RunningNode) -> None:
    assert reassign(broker, (7, [1])) == [(7, UNKNOWN, "Unable to find partition t:7.")]
    told = reassign(broker, (0, None), topic="zz")
    assert told == [(0, UNKNOWN, "Unable to find a topic named zz.")]

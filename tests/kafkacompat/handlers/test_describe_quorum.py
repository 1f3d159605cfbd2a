"""DescribeQuorum over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    PartitionData,
    QuorumListener,
    QuorumNode,
    ReplicaState,
    TopicData,
)
from kafkacompat_storage.names import METADATA_TOPIC
from tests.support.node import RunningNode


def describe(
    broker: RunningNode, *wanted: tuple[str, int], version: int = 2
) -> DescribeQuorumResponse:
    topics = [
        TopicData(topic_name=name, partitions=[PartitionData(partition_index=index)])
        for name, index in wanted
    ]
    told: DescribeQuorumResponse = broker.call(DescribeQuorumRequest(topics=topics), version)
    return told


@pytest.mark.parametrize("version", range(3))
def test_this_node_is_the_quorum_in_every_version(broker: RunningNode, version: int) -> None:
    end, epoch, now_ms = broker.run(
        lambda: (
            broker.node.metadata_log.end_offset,
            broker.node.metadata_log.leader_epoch,
            broker.node.clock.wall_ms(),
        )
    )
    told = describe(broker, (METADATA_TOPIC, 0), version=version)
    (found,) = told.topics[0].partitions
    assert (found.error_code, found.leader_id, found.leader_epoch) == (0, 1, epoch)
    assert (found.high_watermark, found.observers) == (end, [])
    (voter,) = found.current_voters
    assert (voter.last_fetch_timestamp >= now_ms) is (version > 0)
    fetched = voter.last_fetch_timestamp
    assert voter == ReplicaState(
        replica_id=1,
        replica_directory_id=bytes(16),
        log_end_offset=end,
        last_fetch_timestamp=fetched,
        last_caught_up_timestamp=fetched,
    )
    host, port = broker.address
    listener = QuorumListener(name="PLAINTEXT", host=host, port=port)
    nodes = [QuorumNode(node_id=1, listeners=[listener])]
    assert told.nodes == (nodes if version == 2 else [])


@pytest.mark.parametrize(
    "wanted", [[(METADATA_TOPIC, 1)], [("t", 0)], [(METADATA_TOPIC, 0), ("t", 0)]]
)
def test_nothing_else_has_a_quorum(broker: RunningNode, wanted: list[tuple[str, int]]) -> None:
    told = describe(broker, *wanted)
    parts = [part for topic in told.topics for part in topic.partitions]
    assert [part.error_code for part in parts] == [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION] * len(
        wanted
    )
    assert told.nodes == []

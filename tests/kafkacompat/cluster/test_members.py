"""Who lives, who leads, where they are reached."""

from types import SimpleNamespace
from typing import Any

import pytest

from kafkacompat import ThreadedBroker
from kafkacompat.cluster.members import Members
from kafkacompat.config.values import BrokerConfig
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.describe_cluster import DescribeClusterRequest
from kafkacompat_protocol.messages.metadata import MetadataRequest, MetadataRequestTopic
from tests.kafkacompat.metadata.test_image import ID
from tests.kafkacompat.metadata.test_placement_commands import image_with
from tests.support.cluster import client_of


def node(node_id: int, **image: Any) -> Any:
    config = BrokerConfig({"node.id": str(node_id), "broker.rack": f"r{node_id}"})
    return SimpleNamespace(node_id=node_id, config=config, image=image_with(**image))


def test_one_node_alone_is_no_cluster_with_racks() -> None:
    alone, several = Members(), Members(several=True)
    for members in (alone, several):
        members.join(node(1))
    assert (alone.racks, several.racks) == (None, {1: "r1"})


def test_the_first_of_those_that_live_does_what_is_done_once() -> None:
    members = Members(several=True)
    one, two = node(1), node(2)
    members.join(two)
    members.join(one)
    assert list(members.nodes) == [1, 2]
    assert (members.is_first(one), members.is_first(two)) == (True, False)
    members.leave(node(1))  # another life of it
    assert members.is_first(one)
    members.leave(one)
    assert members.is_first(two)
    assert members.racks == {2: "r2"}


def test_a_leader_that_does_not_live_leads_nothing() -> None:
    members = Members(several=True)
    assert members.leading("t", 0) is None
    with pytest.raises(KafkaError) as refused:
        members.partition("t", 0)
    assert refused.value.code == ErrorCode.NOT_LEADER_OR_FOLLOWER
    one = node(1, replicas=[1, 2], isr=[1, 2], leader=2)
    members.join(one)
    assert members.leading("t", 0) is None
    assert members.leading("unknown", 0) is None
    two = node(2)
    members.join(two)
    assert members.leading("t", 0) is two
    assert one.image.topics["t"].topic_id == ID


def test_clients_are_told_all_that_live_and_what_is_offline() -> None:
    with ThreadedBroker(brokers=3, racks=["a", "b", "c"], topics={"t": 1}) as broker:
        broker.kill(2)
        for asked in (1, 3):
            client = client_of(broker, asked)
            wanted = MetadataRequest(topics=[MetadataRequestTopic(name="t")])
            told = client.call(wanted, 9)
            assert {b.node_id: (f"{b.host}:{b.port}", b.rack) for b in told.brokers} == {
                1: (broker.addresses[1], "a"),
                3: (broker.addresses[3], "c"),
            }
            (part,) = told.topics[0].partitions
            assert (part.isr_nodes, part.offline_replicas) == ([1, 3], [2])
            brokers = client.call(DescribeClusterRequest(), 1).brokers
            assert [each.broker_id for each in brokers] == [1, 3]
            client.close()

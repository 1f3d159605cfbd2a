"""Where logs of the dead end, and are cut if they lead before they have caught up."""

from kafkacompat import ThreadedBroker
from kafkacompat.metadata.election_commands import Election
from kafkacompat_protocol.messages.elect_leaders import ElectLeadersRequest, TopicPartitions
from kafkacompat_protocol.messages.offset_for_leader_epoch import (
    OffsetForLeaderEpochRequest,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)
from tests.support.cluster import client_of
from tests.support.produced import fetch_request

UNCLEAN = 1


def test_an_unclean_leader_has_lost_what_it_never_got() -> None:
    with ThreadedBroker(brokers=2, topics={"t": 1}) as broker:
        broker.produce("t", "kept")
        broker.kill(2)
        broker.produce("t", "lost")
        broker.kill(1)
        broker.restart(2)
        assert (broker.leader("t"), broker.in_sync("t")) == (-1, [1])
        client = client_of(broker, 2)
        asked = TopicPartitions(topic="t", partitions=[0])
        request = ElectLeadersRequest(election_type=UNCLEAN, topic_partitions=[asked])
        (told,) = client.call(request, 2).replica_election_results
        assert told.partition_result[0].error_code == 0
        assert (broker.leader("t"), broker.in_sync("t")) == (2, [2])
        assert [record.value for record in broker.records("t")] == [b"kept"]
        broker.produce("t", "new")
        # A client that has read what is lost finds where its epoch ended.
        part = client.call(fetch_request(2, last_fetched_epoch=0), 12).responses[0].partitions[0]
        assert (part.diverging_epoch.epoch, part.diverging_epoch.end_offset) == (0, 1)
        wanted = OffsetForLeaderPartition(partition=0, leader_epoch=0)
        topic = OffsetForLeaderTopic(topic="t", partitions=[wanted])
        found = client.call(OffsetForLeaderEpochRequest(replica_id=-1, topics=[topic]), 3)
        assert found.topics[0].partitions[0].end_offset == 1
        client.close()


def test_where_unclean_leaders_are_allowed_nobody_needs_to_ask() -> None:
    with ThreadedBroker(brokers=2) as broker:
        broker.create_topic("t", config={"unclean.leader.election.enable": "true"})
        broker.produce("t", "kept")
        broker.kill(2)
        broker.produce("t", "lost")
        broker.restart(2)
        broker.kill(1)  # before the other has caught up
        assert (broker.leader("t"), broker.in_sync("t")) == (2, [2])
        assert [record.value for record in broker.records("t")] == [b"kept"]
        broker.restart(1)
        broker.clock.advance(seconds=1)
        broker.wait_for_in_sync("t")
        assert [record.value for record in broker.records("t")] == [b"kept"]


def test_who_has_caught_up_loses_nothing() -> None:
    with ThreadedBroker(brokers=2, topics={"t": 1}) as broker:
        broker.kill(2)
        broker.produce("t", "x")
        broker.restart(2)
        broker.clock.advance(seconds=1)
        broker.wait_for_in_sync("t")
        broker.kill(1)
        assert broker.leader("t") == 2
        assert [record.value for record in broker.records("t")] == [b"x"]


def test_what_was_noted_stays_as_long_as_nobody_leads() -> None:
    with ThreadedBroker(brokers=2, topics={"t": 1}) as broker:
        for value in ("a", "b"):
            broker.produce("t", value)
        broker.kill(2)
        broker.produce("t", "c")
        broker.kill(1)
        broker.restart(2)
        broker.clock.advance(seconds=60)  # It cannot catch up with anybody.
        elect = broker._host.controller.elect_leader("t", 0, Election.UNCLEAN)
        broker._host.run(elect)
        assert [record.value for record in broker.records("t")] == [b"a", b"b"]


def test_a_snapshot_with_the_dead_loses_nothing_even_where_leaders_may_be_unclean() -> None:
    with ThreadedBroker(brokers=3, unclean_leader_election_enable="true") as broker:
        broker.create_topic("t")
        broker.produce("t", "x")
        for broker_id in (1, 2, 3):
            broker.kill(broker_id)
        assert (broker.leader("t"), broker.in_sync("t")) == (-1, [3])
        broker.restore(broker.snapshot())
        assert (broker.leader("t"), broker.in_sync("t")) == (3, [1, 2, 3])
        assert [record.value for record in broker.records("t")] == [b"x"]

"""Who comes to the wrong broker is told the right one."""

from kafkacompat import ThreadedBroker
from kafkacompat_protocol.errors import ErrorCode
from tests.support.cluster import client_of
from tests.support.produced import batch, fetch_request, produce_request


def test_a_producer_is_told_who_leads() -> None:
    with ThreadedBroker(brokers=2, topics={"t": 1}) as broker:
        client = client_of(broker, 2)
        told = client.call(produce_request(batch(b"x")), 10)
        (slot,) = told.responses[0].partition_responses
        assert slot.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
        assert (slot.current_leader.leader_id, slot.current_leader.leader_epoch) == (1, 0)
        (end,) = told.node_endpoints
        assert (end.node_id, f"{end.host}:{end.port}") == (1, broker.addresses[1])
        assert client.call(produce_request(batch(b"x")), 9).node_endpoints == []
        client.close()


def test_a_consumer_is_told_who_leads_by_a_topics_id_too() -> None:
    with ThreadedBroker(brokers=3) as broker:
        broker.create_topic("t", replicas=1)
        topic_id = broker.node.image.topics["t"].topic_id
        client = client_of(broker, 3)
        request = fetch_request(topic="", topic_id=topic_id)
        told = client.call(request, 16)
        (slot,) = told.responses[0].partitions
        assert slot.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
        assert slot.current_leader.leader_id == 1
        assert [end.node_id for end in told.node_endpoints] == [1]
        broker.kill(1)
        told = client.call(request, 16)
        assert told.responses[0].partitions[0].current_leader.leader_id == -1
        assert told.node_endpoints == []
        client.close()

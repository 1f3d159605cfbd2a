"""Small questions about topics."""

from kafkacompat.handlers.topic_guards import (
    TOPIC_OPERATIONS,
    find_topic,
    is_internal,
    operations,
)
from kafkacompat.server.call import Operation
from tests.support.node import RunningNode


def test_operations_are_a_bit_field() -> None:
    assert operations(Operation.READ, Operation.WRITE) == 0b11000
    # what Kafka 4.3.1 tells a superuser of a topic
    assert TOPIC_OPERATIONS == 3576


def test_the_brokers_own_topics_are_internal() -> None:
    assert is_internal("__consumer_offsets")
    assert not is_internal("__mine")


def test_an_id_goes_before_a_name(broker: RunningNode) -> None:
    topic_id = broker.create_topic("t")
    broker.create_topic("u")
    found = find_topic(broker.node, "u", topic_id)
    assert found is not None
    assert found.name == "t"
    assert find_topic(broker.node, "missing", bytes(16)) is None

"""The powers' own client: it connects when needed, and again when it was cut off."""

import pytest

from kafkacompat import ThreadedBroker
from kafkacompat.embedded.client import Client, check
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.list_groups import ListGroupsRequest


def test_it_connects_again(broker: ThreadedBroker) -> None:
    client = Client(("127.0.0.1", broker.port))
    assert client.call(ListGroupsRequest(), 4).error_code == 0
    listener = broker._host.node.listeners[0]
    broker._host.call(lambda: [connection.abort() for connection in list(listener.connections)])
    assert client.call(ListGroupsRequest(), 4).error_code == 0
    client.close()


def test_what_an_answer_says_is_raised() -> None:
    check(0)
    with pytest.raises(KafkaError) as raised:
        check(3, "why")
    assert (raised.value.code, raised.value.message) == (
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        "why",
    )

"""What to listen on, and what clients are told."""

import pytest

from kafkacompat.config.rows import InvalidValue
from kafkacompat.config.values import BrokerConfig
from kafkacompat.server.advertise import parse_endpoint, parse_endpoints, public_endpoint
from kafkacompat.server.listener import Endpoint
from kafkacompat_protocol.messages.metadata import MetadataRequest
from tests.support.node import running_node


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("PLAINTEXT://127.0.0.1:9092", Endpoint("PLAINTEXT", "127.0.0.1", 9092)),
        ("inside-2://:0", Endpoint("INSIDE-2", "", 0)),
        ("A://[::1]:1", Endpoint("A", "::1", 1)),
    ],
)
def test_listeners_are_read(text: str, endpoint: Endpoint) -> None:
    assert parse_endpoint(text) == endpoint


@pytest.mark.parametrize("text", ["", "localhost:9092", "A://host", "A://host:x", "A://h:70000"])
def test_what_is_no_listener_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_endpoint(text)


def test_a_controllers_listener_is_left_out() -> None:
    config = BrokerConfig(
        {
            "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        }
    )
    assert [endpoint.name for endpoint in parse_endpoints(config)] == ["PLAINTEXT"]


@pytest.mark.parametrize(
    "listeners",
    ["SSL://:9093", "MINE://:9092", "PLAINTEXT://:1,PLAINTEXT://:2", ""],
)
def test_listeners_that_cannot_be_served_are_refused(listeners: str) -> None:
    with pytest.raises(InvalidValue):
        parse_endpoints(BrokerConfig({"listeners": listeners}))


def test_a_wildcard_is_not_told_to_anybody() -> None:
    assert public_endpoint(BrokerConfig({}), Endpoint("A", "0.0.0.0", 5)).host == "localhost"


def test_what_is_configured_is_advertised() -> None:
    config = {"advertised.listeners": "PLAINTEXT://broker.example:1234"}
    with running_node(config) as broker:
        told = broker.call(MetadataRequest(topics=[]), 1).brokers
        assert [(b.host, b.port) for b in told] == [("broker.example", 1234)]

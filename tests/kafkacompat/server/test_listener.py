"""Listeners: limits, several at once, IPv6."""

import socket

import pytest

from kafkacompat.server.listener import Endpoint
from kafkacompat_protocol.messages.api_versions import ApiVersionsRequest
from kafkacompat_protocol.messages.metadata import MetadataRequest
from tests.support.node import WireClient, running_node

ASK = ApiVersionsRequest()


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize("key", ["max.connections", "max.connections.per.ip"])
def test_connections_beyond_the_limit_are_closed_and_others_go_on(key: str) -> None:
    with running_node({key: "2"}) as broker:
        first, second = broker.client(), broker.client()
        assert first.call(ASK, 0).error_code == second.call(ASK, 0).error_code == 0
        assert broker.client().is_closed()
        assert first.call(ASK, 0).error_code == 0
        second.close()
        broker.wait_until(lambda: len(broker.node.listeners[0].connections) == 1)
        assert broker.client().call(ASK, 0).error_code == 0


def test_all_connections_together_hold_only_so_much() -> None:
    with running_node({"queued.max.request.bytes": "100000"}) as broker:
        first, second = broker.client(), broker.client()
        declared = (90_000).to_bytes(4)
        first.socket.sendall(declared + b"x")
        broker.wait_until(lambda: broker.node.listeners[0]._received_bytes > 0)
        second.socket.sendall(declared + b"x")
        assert second.is_closed()
        first.close()
        broker.wait_until(lambda: broker.node.listeners[0]._received_bytes == 0)


def test_each_client_is_told_the_listener_by_which_it_came() -> None:
    listeners = "PLAINTEXT://127.0.0.1:0,INSIDE://127.0.0.2:0"
    mapping = "PLAINTEXT:PLAINTEXT,INSIDE:PLAINTEXT"
    config = {"listeners": listeners, "listener.security.protocol.map": mapping}
    with running_node(config) as broker:
        for listener in broker.node.listeners:
            endpoint = listener.endpoint
            client = WireClient((endpoint.host, endpoint.port))
            told = client.call(MetadataRequest(topics=[]), 1).brokers
            assert [(b.host, b.port) for b in told] == [(endpoint.host, endpoint.port)]
            client.close()


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_ipv6_is_served() -> None:
    with running_node({"listeners": "PLAINTEXT://[::1]:0"}) as broker:
        client = WireClient(("::1", broker.address[1]))
        told = client.call(MetadataRequest(topics=[]), 1).brokers
        assert [b.host for b in told] == ["::1"]
        client.close()


def test_an_endpoint_is_written_with_brackets_for_ipv6() -> None:
    assert str(Endpoint("A", "::1", 9)) == "A://[::1]:9"
    assert str(Endpoint("A", "h", 9)) == "A://h:9"


def test_a_taken_port_is_an_error_before_anything_else() -> None:
    with running_node() as broker:
        port = broker.address[1]
        with pytest.raises(OSError), running_node({"listeners": f"PLAINTEXT://127.0.0.1:{port}"}):
            pass

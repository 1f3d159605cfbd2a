"""Exchanging a node under connections that stay."""

from collections.abc import Iterator

import pytest

from kafkacompat.embedded.host import ThreadHost
from kafkacompat.embedded.waiting import wait_until
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.api_versions import ApiVersionsRequest
from kafkacompat_protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from tests.support.node import QUICK, WireClient
from tests.support.produced import batch, fetch_request, produce_request


@pytest.fixture
def host() -> Iterator[ThreadHost]:
    made = ThreadHost([QUICK])
    yield made
    made.close()


def client_of(host: ThreadHost) -> WireClient:
    return WireClient(("127.0.0.1", host.node.listeners[0].endpoint.port))


def test_connections_stay_and_see_the_other_data(host: ThreadHost) -> None:
    client = client_of(host)
    empty = host.copy()
    topic = CreatableTopic(name="t", num_partitions=1, replication_factor=1, assignments=[])
    client.call(CreateTopicsRequest(topics=[topic]), 7)
    client.call(produce_request(batch(b"x")), 8)
    full = host.copy()
    host.run(host.exchange(empty))
    told = client.call(fetch_request(), 11).responses[0].partitions[0]
    assert told.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    host.run(host.exchange(full))
    assert client.call(fetch_request(), 11).responses[0].partitions[0].high_watermark == 1
    client.close()


def test_who_waits_is_told_that_the_leader_is_gone(host: ThreadHost) -> None:
    client = client_of(host)
    topic = CreatableTopic(name="t", num_partitions=1, replication_factor=1, assignments=[])
    client.call(CreateTopicsRequest(topics=[topic]), 7)
    kept = host.copy()
    client.send(fetch_request(max_wait_ms=60_000), 11)
    client.send(ApiVersionsRequest(), 0)
    waiting = host.node.partitions
    wait_until(
        lambda: host.call(lambda: bool(waiting.find("t", 0).waiting)), lambda: "nobody waits", 20
    )
    host.run(host.exchange(kept))
    told = client.receive(1, 11).responses[0].partitions[0]
    assert told.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
    assert client.receive(18, 0).error_code == 0
    client.close()


def test_an_exchange_ends_what_the_old_node_had_running(host: ThreadHost) -> None:
    old = host.node
    host.run(host.exchange(host.copy()))
    assert host.node is not old
    assert old.is_stopping
    assert not old._tasks
    assert host.node.listeners == old.listeners
    assert all(listener.node is host.node for listener in host.node.listeners)


def test_a_closed_host_may_be_closed_again(host: ThreadHost) -> None:
    host.close()
    host.close()

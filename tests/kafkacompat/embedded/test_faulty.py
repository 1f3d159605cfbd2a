"""Faults as clients see them, and the log of what clients asked."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from kafka import KafkaProducer

from kafkacompat import ThreadedBroker
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.api_versions import ApiVersionsRequest
from kafkacompat_protocol.messages.list_groups import ListGroupsRequest
from tests.support.node import WireClient
from tests.support.produced import batch, fetch_request, produce_request


@pytest.fixture
def client(broker: ThreadedBroker) -> Iterator[WireClient]:
    made = WireClient(("127.0.0.1", broker.port), "tester")
    yield made
    made.close()


def slots(answer: Any) -> list[tuple[int, int, int]]:
    return [
        (p.index, p.error_code, p.base_offset)
        for topic in answer.responses
        for p in topic.partition_responses
    ]


def both(content: bytes) -> Any:
    """One request for both partitions of the topic."""
    request = produce_request(content)
    request.topic_data[0].partition_data += (
        produce_request(content, index=1).topic_data[0].partition_data
    )
    return request


def test_an_error_is_answered_so_often_and_nothing_is_done(
    broker: ThreadedBroker, client: WireClient
) -> None:
    fault = broker.error("Produce", "NOT_ENOUGH_REPLICAS", times=2)
    told = [slots(client.call(produce_request(batch(b"x")), 8)) for _ in range(3)]
    assert told == [[(0, 19, -1)], [(0, 19, -1)], [(0, 0, 0)]]
    (kept,) = broker.faults()
    assert (kept.number, kept.fired) == (fault.number, 2)
    broker.remove_fault(fault)
    assert broker.faults() == []


def test_only_the_partitions_that_are_meant_fail(
    broker: ThreadedBroker, client: WireClient
) -> None:
    broker.error("Produce", ErrorCode.KAFKA_STORAGE_ERROR, topic="t", partition=1)
    told = slots(client.call(both(batch(b"x")), 8))
    assert sorted(told) == [(0, 0, 0), (1, 56, -1)]
    assert broker.end_offsets("t") == {0: 1, 1: 0}
    broker.error("Fetch", 6, topic="t*", partition=0, times=None)
    told = client.call(fetch_request(), 11).responses[0].partitions[0]
    assert told.error_code == 6
    assert client.call(fetch_request(partition=1), 11).responses[0].partitions[0].error_code == 0


def test_an_error_after_the_work_is_a_lost_answer(
    broker: ThreadedBroker, client: WireClient
) -> None:
    broker.error("Produce", "REQUEST_TIMED_OUT", after=True)
    assert slots(client.call(produce_request(batch(b"x")), 8)) == [(0, 7, -1)]
    assert broker.end_offsets("t")[0] == 1


@pytest.mark.parametrize(("after", "written"), [(False, 0), (True, 1)])
def test_a_disconnect_comes_before_or_after_the_work(
    broker: ThreadedBroker, client: WireClient, after: bool, written: int
) -> None:
    broker.disconnect("Produce", after=after)
    client.send(produce_request(batch(b"x")), 8)
    assert client.is_closed()
    assert broker.end_offsets("t")[0] == written


def test_a_delay_is_by_the_brokers_clock(broker: ThreadedBroker, client: WireClient) -> None:
    broker.clock.freeze()
    broker.delay("ListGroups", 60_000, times=1)
    client.send(ListGroupsRequest(), 4)
    broker.wait_for_request("ListGroups")
    client.socket.settimeout(0.05)
    with pytest.raises(TimeoutError):
        client.receive(16, 4)
    client.socket.settimeout(10)
    broker.clock.advance(seconds=60)
    assert client.receive(16, 4).error_code == 0


def test_a_delayed_produce_keeps_its_records(broker: ThreadedBroker, client: WireClient) -> None:
    broker.delay("Produce", 20, times=1)
    client.send(produce_request(batch(b"first")), 8)
    client.send(produce_request(batch(b"second")), 8)
    told = [slots(client.receive(0, 8)) for _ in range(2)]
    assert told == [[(0, 0, 0)], [(0, 0, 1)]]
    assert [record.value for record in broker.records("t")] == [b"first", b"second"]


def test_a_black_hole_answers_never(broker: ThreadedBroker, client: WireClient) -> None:
    broker.black_hole("ListGroups")
    client.send(ListGroupsRequest(), 4)
    broker.wait_for_request("ListGroups")
    client.socket.settimeout(0.05)
    with pytest.raises(TimeoutError):
        client.receive(16, 4)
    other = WireClient(("127.0.0.1", broker.port))
    assert other.call(ListGroupsRequest(), 4).error_code == 0
    other.close()


def test_a_throttle_is_told(broker: ThreadedBroker, client: WireClient) -> None:
    broker.throttle("ListGroups", 1234)
    assert client.call(ListGroupsRequest(), 4).throttle_time_ms == 1234


def test_a_function_may_decide(broker: ThreadedBroker, client: WireClient) -> None:
    asked: list[tuple[str, int]] = []

    def every_other(api: str, version: int, request: Any) -> ErrorCode | None:
        asked.append((api, version))
        return ErrorCode.COORDINATOR_NOT_AVAILABLE if len(asked) % 2 else None

    fault = broker.intercept("ListGroups", every_other)
    codes = [client.call(ListGroupsRequest(), 4).error_code for _ in range(4)]
    assert codes == [15, 0, 15, 0]
    assert asked == [("ListGroups", 4)] * 4
    assert fault.fired == 2


def test_who_is_meant_is_said_by_client_version_and_count(
    broker: ThreadedBroker, client: WireClient
) -> None:
    def code(version: int = 4) -> int:
        return int(client.call(ListGroupsRequest(), version).error_code)

    broker.error("ListGroups", 15, client_id="somebody*", times=None)
    broker.error("ListGroups", 16, min_version=5, times=None)
    assert [code(), code(5)] == [0, 16]
    broker.clear_faults()
    broker.error("ListGroups", 15, client_id="test*", skip=2)
    assert [code() for _ in range(4)] == [0, 0, 15, 0]
    broker.clear_faults()
    broker.error("ListGroups", 15, times=None, probability=0.5, seed=7)
    first = [code() for _ in range(20)]
    broker.clear_faults()
    broker.error("ListGroups", 15, times=None, probability=0.5, seed=7)
    assert [code() for _ in range(20)] == first
    assert {0, 15} == set(first)


def test_the_brokers_own_requests_are_neither_hurt_nor_noted(broker: ThreadedBroker) -> None:
    broker.error(None, "UNKNOWN_SERVER_ERROR", times=None)
    before = broker.last_request()
    broker.produce("t", "x")
    assert broker.last_request() == before


def test_what_there_is_not_is_refused(broker: ThreadedBroker) -> None:
    with pytest.raises(ValueError, match="no API"):
        broker.error("Prodoose", 1)
    with pytest.raises(ValueError, match="no error"):
        broker.error("Produce", "NO_SUCH")
    with pytest.raises(TypeError):
        broker.error("Produce", 1, colour="red")


def test_requests_are_found_by_what_they_are_about(
    broker: ThreadedBroker, client: WireClient
) -> None:
    after = broker.last_request()
    client.call(produce_request(batch(b"value")), 8)
    client.call(ApiVersionsRequest(), 0)
    (found,) = broker.requests("Produce", after=after)
    assert (found.api, found.version, found.client_id) == ("Produce", 8, "tester")
    assert found.subjects.partitions == {("t", 0)}
    assert found.response.responses[0].partition_responses[0].base_offset == 0
    assert b"value" in found.request.topic_data[0].partition_data[0].records
    assert len(broker.requests(client_id="tester", after=after)) == 2
    assert broker.requests(topic="other", after=after) == []


def test_waiting_for_a_request(broker: ThreadedBroker, client: WireClient) -> None:
    after = broker.last_request()

    def later() -> None:
        time.sleep(0.02)
        client.call(ListGroupsRequest(), 4)

    thread = threading.Thread(target=later)
    thread.start()
    assert len(broker.wait_for_request("ListGroups", after=after)) == 1
    thread.join()
    with pytest.raises(TimeoutError, match="0 of 1"):
        broker.wait_for_request("DescribeCluster", after=after, timeout_s=0.02)


def test_a_lost_answer_doubles_a_record_without_idempotence_and_not_with_it(
    broker: ThreadedBroker,
) -> None:
    for idempotent, expected in ((False, [b"x", b"x"]), (True, [b"x"])):
        broker.reset()
        producer = KafkaProducer(
            bootstrap_servers=broker.bootstrap_servers,
            enable_idempotence=idempotent,
            retries=5,
            retry_backoff_ms=5,
        )
        producer.partitions_for("t")
        broker.disconnect("Produce", after=True)
        producer.send("t", b"x", partition=0).get(10)
        producer.close()
        assert [record.value for record in broker.records("t")] == expected


def test_a_connection_is_meant_by_its_address(broker: ThreadedBroker, client: WireClient) -> None:
    mine = "{}:{}".format(*client.socket.getsockname())
    broker.error("ListGroups", 15, connection=mine, times=None)
    other = WireClient(("127.0.0.1", broker.port))
    assert isinstance(other.socket, socket.socket)
    assert client.call(ListGroupsRequest(), 4).error_code == 15
    assert other.call(ListGroupsRequest(), 4).error_code == 0
    other.close()

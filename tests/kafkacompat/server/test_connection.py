"""Frames in, answers out: each row of the promises about network and framing."""

import logging
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from kafkacompat.server.dispatch import HeldAnswer
from kafkacompat_protocol.messages.api_versions import ApiVersionsRequest
from kafkacompat_protocol.messages.metadata import MetadataRequest
from tests.support.clock import FakeClock
from tests.support.node import RunningNode, WireClient, running_node
from tests.support.produced import batch, fetch_request, produce_request

# ApiVersions v0, correlation id 5, client id "me"
API_VERSIONS = bytes.fromhex("0012" + "0000" + "00000005" + "0002" + "6d65")
FRAME = struct.pack(">i", len(API_VERSIONS)) + API_VERSIONS


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningNode]:
    with running_node({"socket.request.max.bytes": "2000000"}) as running:
        running.create_topic("t")
        yield running


def correlation_ids(client: WireClient, count: int) -> list[int]:
    return [struct.unpack_from(">i", client.receive_frame())[0] for _ in range(count)]


@pytest.mark.parametrize("size", [-1, -(1 << 31), 2_000_001, 0x7FFFFFFF])
def test_a_size_that_cannot_be_closes_the_connection(broker: RunningNode, size: int) -> None:
    client = broker.client()
    client.socket.sendall(struct.pack(">i", size))
    assert client.is_closed()


@pytest.mark.parametrize("cut", range(1, len(FRAME)))
def test_a_frame_may_arrive_in_two_pieces(broker: RunningNode, cut: int) -> None:
    client = broker.client()
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.socket.sendall(FRAME[:cut])
    broker.run(lambda: None)
    client.socket.sendall(FRAME[cut:] + FRAME)
    assert correlation_ids(client, 2) == [5, 5]


def test_a_frame_may_arrive_byte_by_byte(broker: RunningNode) -> None:
    client = broker.client()
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in FRAME:
        client.socket.sendall(bytes([byte]))
        broker.run(lambda: None)
    assert correlation_ids(client, 1) == [5]


def test_a_frame_larger_than_the_receive_buffer_is_collected(broker: RunningNode) -> None:
    big = batch(b"x" * 1_000_000)
    told = broker.call(produce_request(big), 8)
    assert told.responses[0].partition_responses[0].error_code == 0


def test_what_is_only_declared_is_not_allocated(broker: RunningNode) -> None:
    client = broker.client()
    client.socket.sendall(struct.pack(">i", 2_000_000) + b"begun")
    listener = broker.node.listeners[0]
    broker.wait_until(lambda: listener._received_bytes > 0)
    assert listener._received_bytes <= 64 * 1024
    client.close()
    broker.wait_until(lambda: listener._received_bytes == 0)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        API_VERSIONS[:9],
        bytes.fromhex("0063" + "0000" + "00000005" + "ffff"),  # key 99
        bytes.fromhex("0003" + "0063" + "00000005" + "ffff"),  # Metadata v99
        bytes.fromhex("0012" + "0000" + "00000005" + "0009" + "6d65"),  # client id cut short
        bytes.fromhex("0012" + "0000" + "00000005" + "fffe"),  # client id of length -2
        bytes.fromhex("0012" + "0000" + "00000005" + "0001" + "ff"),  # client id not UTF-8
        bytes.fromhex("0003" + "0001" + "00000005" + "ffff" + "7fffffff"),  # 2^31 topics
        bytes.fromhex("0003" + "0001" + "00000005" + "ffff" + "fffffffe"),  # array length -2
        bytes.fromhex("0003" + "0001" + "00000005" + "ffff" + "00000001" + "0009"),
    ],
)
def test_a_frame_of_no_sense_closes_the_connection(broker: RunningNode, frame: bytes) -> None:
    client = broker.client()
    client.send_frame(frame)
    assert client.is_closed()


def test_answers_come_in_the_order_of_the_requests(broker: RunningNode) -> None:
    client = broker.client()
    slow = client.send(fetch_request(1 << 40, max_wait_ms=0), 11)
    waiting = client.send(fetch_request(100, topic="nowhere", max_wait_ms=0), 11)
    last = client.send(MetadataRequest(topics=[]), 1)
    assert correlation_ids(client, 3) == [slow, waiting, last]


def test_what_follows_a_waiting_fetch_waits_for_it() -> None:
    with running_node() as broker:
        broker.create_topic("t")
        client, other = broker.client(), broker.client()
        first = client.send(fetch_request(0, max_wait_ms=60_000), 11)
        second = client.send(ApiVersionsRequest(), 0)
        broker.wait_until(lambda: bool(broker.node.partitions.find("t", 0).waiting))
        other.call(produce_request(batch(b"x")), 8)
        assert correlation_ids(client, 2) == [first, second]


def test_pipelined_requests_are_all_answered(broker: RunningNode) -> None:
    client = broker.client()
    client.socket.sendall(FRAME * 500)
    assert correlation_ids(client, 500) == [5] * 500


def test_a_slow_reader_is_not_served_beyond_a_bound() -> None:
    with running_node() as broker:
        broker.create_topic("t")
        broker.call(produce_request(batch(b"x" * 900_000)), 8)
        client = broker.client()
        for _ in range(60):
            client.send(fetch_request(0), 11)
        broker.wait_until(
            lambda: any(c._writing_paused for c in broker.node.listeners[0].connections)
        )
        unsent = broker.run(
            lambda: max(
                c.transport.get_write_buffer_size()
                for c in broker.node.listeners[0].connections
                if c.transport is not None
            )
        )
        assert unsent < 60 * 900_000 / 4
        assert len(correlation_ids(client, 60)) == 60


def test_a_client_that_reads_nothing_is_closed() -> None:
    clock = FakeClock()
    with running_node(clock=clock) as broker:
        broker.create_topic("t")
        broker.call(produce_request(batch(b"x" * 900_000)), 8)
        client = broker.client()
        for _ in range(60):
            client.send(fetch_request(0), 11)
        connections = broker.node.listeners[0].connections
        broker.wait_until(lambda: any(c._writing_paused for c in connections))
        for _ in range(5):
            broker.run(lambda: clock.advance(10_000))
        assert not broker.run(lambda: any(c._writing_paused for c in connections))


def test_connections_that_stall_or_idle_are_closed_in_their_time() -> None:
    clock = FakeClock()
    with running_node({"connections.max.idle.ms": "100000"}, clock) as broker:
        idle, half = broker.client(), broker.client()
        idle.call(ApiVersionsRequest(), 0)
        half.socket.sendall(FRAME[:7])
        listener = broker.node.listeners[0]
        broker.wait_until(lambda: any(c._frame_size for c in listener.connections))
        broker.run(lambda: clock.advance(29_000))
        assert broker.run(lambda: len(listener.connections)) == 2
        broker.run(lambda: clock.advance(11_000))
        assert half.is_closed()
        assert idle.call(ApiVersionsRequest(), 0).error_code == 0
        broker.run(lambda: clock.advance(110_000))
        assert idle.is_closed()


@pytest.mark.parametrize(
    ("sent", "said"),
    [(b"\x16\x03\x01\x02\x00\x01", "TLS"), (b"GET / HTTP/1.1\r\n\r\n", "HTTP")],
)
def test_bytes_of_another_protocol_are_named_in_the_log(
    sent: bytes, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with running_node() as broker, caplog.at_level(logging.WARNING, "kafkacompat.server"):
        client = broker.client()
        client.socket.sendall(sent)
        assert client.is_closed()
        broker.run(lambda: None)
    assert any(said in record.getMessage() for record in caplog.records)


def test_a_client_without_an_id_is_served(broker: RunningNode) -> None:
    assert broker.client(None).call(ApiVersionsRequest(), 2).error_code == 0
    assert broker.client("").call(ApiVersionsRequest(), 2).error_code == 0


def test_unknown_tagged_fields_of_a_header_are_skipped(broker: RunningNode) -> None:
    client = broker.client()
    # ApiVersions v3: no client id; two tagged fields; "a", "b", none
    header = bytes.fromhex("0012" + "0003" + "00000005" + "ffff" + "02" + "0002beef" + "6303010203")
    client.send_frame(header + bytes.fromhex("0261" + "0262" + "00"))
    assert correlation_ids(client, 1) == [5]


def test_a_connection_lost_amid_answers_gives_its_memory_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running_node() as broker:
        broker.create_topic("t")
        journal, listener = broker.node.journal, broker.node.listeners[0]
        monkeypatch.setattr(journal, "_settle", lambda ticket, raised: None)
        client = broker.client()
        client.send(produce_request(batch(b"x")), 8)  # waits
        client.send(produce_request(batch(b"x"), acks=1), 8)  # is answered, behind it
        client.send(MetadataRequest(topics=[]), 1)  # queues
        broker.wait_until(lambda: listener._received_bytes > 0)
        reset_at_once = struct.pack("ii", 1, 0)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset_at_once)
        client.close()
        broker.wait_until(lambda: all(c.is_idle for c in listener.connections))
        assert broker.run(lambda: listener._received_bytes) == 0
        monkeypatch.undo()


def test_who_wants_to_know_is_told_that_a_client_is_gone() -> None:
    with running_node() as broker:
        client = broker.client()
        client.call(ApiVersionsRequest(), 0)
        gone: list[bool] = []

        def watch() -> None:
            (connection,) = broker.node.listeners[0].connections
            connection.when_lost = lambda: gone.append(True)

        broker.run(watch)
        client.close()

        broker.wait_until(lambda: gone == [True])


def test_a_client_that_has_said_all_is_answered_and_then_closed() -> None:
    with running_node() as broker:
        broker.create_topic("t")
        client = broker.client()
        client.send(fetch_request(0, max_wait_ms=60_000), 11)
        broker.wait_until(lambda: bool(broker.node.partitions.find("t", 0).waiting))
        client.socket.shutdown(socket.SHUT_WR)
        connections = broker.node.listeners[0].connections
        broker.wait_until(lambda: any(c._at_eof for c in connections))
        broker.client().call(produce_request(batch(b"x")), 8)
        assert client.receive(1, 11).responses[0].partitions[0].records
        assert client.is_closed()


def test_records_that_wait_in_line_can_still_be_given_offsets() -> None:
    with running_node() as broker:
        broker.create_topic("t", message_timestamp_type="LogAppendTime")
        client = broker.client()
        client.send(fetch_request(0, max_wait_ms=50), 11)  # waits
        client.send(produce_request(batch(b"x")), 8)
        client.receive(1, 11)
        assert client.receive(0, 8).responses[0].partition_responses[0].error_code == 0


def test_records_behind_a_size_that_came_in_pieces_can_be_given_offsets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running_node() as broker:
        broker.create_topic("t", message_timestamp_type="LogAppendTime")
        client = broker.client()
        sent: list[bytes] = []
        with monkeypatch.context() as patched:
            patched.setattr(client, "send_frame", sent.append)
            client.send(produce_request(batch(b"x")), 8)
        frame = struct.pack(">i", len(sent[0])) + sent[0]
        connections = broker.node.listeners[0].connections
        client.socket.sendall(frame[:2])
        broker.wait_until(lambda: any(c._tail == frame[:2] for c in connections))
        client.socket.sendall(frame[2:])
        assert client.receive(0, 8).responses[0].partition_responses[0].error_code == 0


@pytest.mark.parametrize("durability", ["memory", "fsync"])
def test_an_answer_that_cannot_be_given_closes_the_connection(
    durability: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: HeldAnswer) -> None:
        raise ValueError("no wire form")

    with running_node({"kafkacompat.durability": durability, "log.dirs": str(tmp_path)}) as broker:
        broker.create_topic("t")
        monkeypatch.setattr(HeldAnswer, "take", fail)
        client = broker.client()
        with suppress(ConnectionError):  # It may have hung up after the first already.
            for _ in range(3):
                client.send(produce_request(batch(b"x")), 8)
        assert client.is_closed()

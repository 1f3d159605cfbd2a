"""Platform calls and their fallbacks."""

import asyncio
import platform as platform_of_python
import socket
import sys

import pytest

from kafkacompat.server import platform
from kafkacompat_protocol.messages.api_versions import ApiVersionsRequest
from tests.support.node import running_node


def test_without_uvloop_asyncios_own_loop_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "HIDE", True)
    with running_node() as broker:
        assert type(broker.loop).__module__.startswith("asyncio")
        assert broker.call(ApiVersionsRequest(), 2).error_code == 0


def test_a_loop_that_fills_buffers_by_itself_gets_one_for_each_connection() -> None:
    class ProactorLike(asyncio.SelectorEventLoop):
        pass

    loop = ProactorLike()
    assert not platform.reads_in_one_step(loop)
    loop.close()


def test_small_answers_leave_at_once() -> None:
    with socket.socket() as made:
        platform.tune(made)
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_nobody_connects_to_a_socket_that_is_only_bound() -> None:
    made = platform.bound_socket("127.0.0.1", 0)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(made.getsockname(), 1)
    made.close()


def test_a_name_with_both_families_is_bound_by_ipv4() -> None:
    made = platform.bound_socket("localhost", 0)
    assert made.family == socket.AF_INET
    made.close()


def test_freed_memory_is_kept_where_the_c_library_can(monkeypatch: pytest.MonkeyPatch) -> None:
    can = sys.platform == "linux" and platform_of_python.libc_ver()[0] == "glibc"
    monkeypatch.setattr(platform, "HIDE", False)
    assert platform.keep_freed_memory() == can
    monkeypatch.setattr(platform, "HIDE", True)
    assert not platform.keep_freed_memory()


def test_a_connection_just_accepted_is_not_lost_when_a_server_of_asyncio_closes() -> None:
    made: list[asyncio.BaseTransport] = []

    class Taken(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            made.append(transport)
            transport.close()

    async def use() -> None:
        server = await asyncio.get_running_loop().create_server(Taken, "127.0.0.1", 0)
        with socket.create_connection(server.sockets[0].getsockname()) as client:
            client.settimeout(10)
            for _ in range(2):
                await asyncio.sleep(0)
            await platform.stop_serving(server)
            assert await asyncio.to_thread(client.recv, 1) == b""

    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(use())
    assert len(made) == 1

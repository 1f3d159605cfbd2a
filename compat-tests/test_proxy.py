"""The proxy passes everything on, and cuts where it is told to."""

import socket
import threading
from collections.abc import Iterator

import pytest
from proxy import Proxy

SENT = bytes(range(256)) * 400


class Receiver:
    """Takes connections, keeps what each sent until its end, and answers that much."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            with peer:
                content = b""
                try:
                    while data := peer.recv(65536):
                        content += data
                    peer.sendall(content)
                except OSError:
                    pass  # cut
                self.got.append(content)

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def proxy(receiver: Receiver) -> Iterator[Proxy]:
    made = Proxy(receiver.port)
    yield made
    made.close()


def _exchange(proxy: Proxy) -> bytes:
    """Send everything and return what is answered until the end, or b"" after a cut."""
    answer = b""
    with socket.create_connection(("127.0.0.1", proxy.port)) as client:
        try:
            client.sendall(SENT)
            client.shutdown(socket.SHUT_WR)
            while data := client.recv(65536):
                answer += data
        except OSError:
            return b""
    return answer


def test_everything_passes_while_nothing_is_to_be_cut(proxy: Proxy) -> None:
    assert _exchange(proxy) == SENT
    assert proxy.steady() == 0


def test_a_connection_is_cut_after_so_many_bytes_and_the_next_passes(
    proxy: Proxy, receiver: Receiver
) -> None:
    proxy.cut(1, least=1000, most=1000)
    assert _exchange(proxy) == b""
    assert _exchange(proxy) == SENT
    assert proxy.steady() == 1
    assert len(receiver.got[0]) <= 1000  # a reset may lose what was on its way

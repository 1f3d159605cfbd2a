"""A TCP proxy before a broker that can cut connections at any byte."""

import random
import socket
import struct
import threading

CHUNK = 65536
RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Forward connections on `port` to `target_port`; pass everything until told to cut."""

    def __init__(self, target_port: int, *, seed: int = 0) -> None:
        self.target_port = target_port
        self.cuts = 0
        self._chance = random.Random(seed)
        self._cuts_left = 0
        self._least, self._most = 1, 1
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._pairs: dict[_Pair, threading.Thread] = {}
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def cut(self, times: int, *, least: int = 1, most: int = 40_000) -> None:
        """Cut the next `times` connections, each after `least` to `most` more bytes."""
        with self._lock:
            self._cuts_left, self._least, self._most = times, least, most
            self.cuts = 0

    def steady(self) -> int:
        """Stop cutting and return how often it was done."""
        with self._lock:
            self._cuts_left = 0
            return self.cuts

    def close(self) -> None:
        """End all connections, take no more."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listening.close()
        for pair, thread in list(self._pairs.items()):
            pair.end(reset=False)
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            try:
                broker = socket.create_connection(("127.0.0.1", self.target_port))
            except OSError:
                client.close()
                continue
            self._pairs = {p: t for p, t in self._pairs.items() if t.is_alive()}
            pair = _Pair(self, client, broker)
            self._pairs[pair] = threading.Thread(target=pair.run)
            self._pairs[pair].start()

    def draw(self) -> int | None:
        """Return after how many bytes a connection is to be cut; None: not now."""
        with self._lock:
            if self._cuts_left == 0:
                return None
            return self._chance.randint(self._least, self._most)

    def take(self) -> bool:
        """Whether a cut is still to be made; it counts as made."""
        with self._lock:
            if self._cuts_left == 0:
                return False
            self._cuts_left -= 1
            self.cuts += 1
            return True


class _Pair:
    """Both sides of a forwarded connection."""

    def __init__(self, proxy: Proxy, client: socket.socket, broker: socket.socket) -> None:
        self._proxy = proxy
        self._sides = (client, broker)
        self._budget: int | None = None
        self._lock = threading.Lock()
        for side in self._sides:
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self) -> None:
        """Copy both directions until both have ended, then close."""
        client, broker = self._sides
        answers = threading.Thread(target=self._forward, args=(broker, client))
        answers.start()
        self._forward(client, broker)
        answers.join()
        for side in self._sides:
            side.close()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(CHUNK):
                allowed = self._allowed(len(data))
                sink.sendall(data[:allowed])
                if allowed < len(data):
                    self.end(reset=True)
                    return
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            self.end(reset=False)

    def _allowed(self, size: int) -> int:
        with self._lock:
            if self._budget is None:
                self._budget = self._proxy.draw()
            if self._budget is None:
                return size
            if self._budget >= size:
                self._budget -= size
                return size
            if not self._proxy.take():
                self._budget = None
                return size
            return self._budget

    def end(self, *, reset: bool) -> None:
        """Stop both directions; `reset` loses what is on its way."""
        for side in self._sides:
            try:
                if reset:
                    side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

"""How long a broker keeps somebody waiting: a request a millisecond, from a process of its own.

The longest answer is the longest pause of a broker's event loop that a client could notice, with
what the machine adds to it.
"""

import json
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.brokers import Broker

# ApiVersions v0, correlation id 1, client id "probe".
REQUEST = bytes.fromhex("0000000f 0012 0000 00000001 0005") + b"probe"
PAUSE_S = 0.001
TIMEOUT_S = 120


@dataclass(slots=True)
class Waits:
    """What the probe saw, in milliseconds; filled in when it has ended."""

    count: int = 0
    longest_ms: float = 0.0


@contextmanager
def probing(broker: Broker) -> Iterator[Waits]:
    """Probe a broker until the block ends."""
    found = Waits()
    command = [sys.executable, "-m", "benchmarks.probe", *map(str, broker.address)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()  # it is connected
    try:
        yield found
    finally:
        told, _ = process.communicate(timeout=TIMEOUT_S)
        if told:
            values = json.loads(told)
            found.count, found.longest_ms = values


def probe(host: str, port: int) -> None:
    """Ask until nothing more comes on standard input; print what was found."""
    count, longest = 0, 0.0
    with socket.create_connection((host, port), timeout=TIMEOUT_S) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        print("connected", flush=True)
        while not select.select([0], [], [], PAUSE_S)[0]:
            began = time.perf_counter()
            connection.sendall(REQUEST)
            left = int.from_bytes(connection.recv(4, socket.MSG_WAITALL), "big")
            connection.recv(left, socket.MSG_WAITALL)
            count, longest = count + 1, max(longest, time.perf_counter() - began)
    print(json.dumps([count, longest * 1000]))


if __name__ == "__main__":
    probe(sys.argv[1], int(sys.argv[2]))

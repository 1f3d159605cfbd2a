"""A disk that is slow, then fails: `make disk-slow SECONDS=30`; needs a C compiler.

A library that is preloaded into the broker delays and fails what it asks of its disk, so that no
kernel support or root is needed. Printed are what each phase answers, and how long fetches and
heartbeats of others took at most; checked is that they never waited for the disk.
"""

import argparse
import errno
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from broker_process import BrokerProcess

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest
from tests.support.node import WireClient
from tests.support.produced import batch, fetch_request, produce_request, values_of

LONGEST_S = 0.1
STORAGE = ErrorCode.KAFKA_STORAGE_ERROR
HEARTBEAT = HeartbeatRequest(group_id="g", generation_id=1, member_id="nobody")


class Others:
    """Who fetches and sends heartbeats meanwhile, and the longest that anything took."""

    def __init__(self, port: int) -> None:
        self.client = WireClient(("127.0.0.1", port))
        self.longest_s = 0.0
        self.calls = 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        while not self.stopping.wait(0.01):
            for request, version in ((fetch_request(0), 11), (HEARTBEAT, 4)):
                began = time.monotonic()
                self.client.call(request, version)
                self.longest_s = max(self.longest_s, time.monotonic() - began)
                self.calls += 1

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join()
        self.client.close()


class Story:
    """A broker on such a disk, and what was wrong."""

    def __init__(self, folder: Path, delay_s: float) -> None:
        self.delay_ms = int(delay_s * 1000)
        self.control = folder / "control"
        library = folder / "slow.so"
        source = Path(__file__).parent / "slow.c"
        command = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"]
        subprocess.run(command, check=True)
        self.broker = BrokerProcess(folder / "data")
        self.broker.environment = {
            "LD_PRELOAD": str(library),
            "SLOW_DIR": str(folder / "data"),
            "SLOW_CONTROL": str(self.control),
        }
        self.began = time.monotonic()
        self.wrong: list[str] = []
        self.expected: list[bytes] = []

    def disk(self, *, delay: bool = False, write: int = 0, sync: int = 0) -> None:
        delay_ms = self.delay_ms if delay else 0
        self.control.write_text(f"{delay_ms} {delay_ms} {write} {sync}")

    def produce(self, value: bytes, wanted: int, what: str) -> None:
        client = WireClient(("127.0.0.1", self.broker.port))
        began = time.monotonic()
        slot = client.call(produce_request(batch(value)), 8).responses[0].partition_responses[0]
        client.close()
        took = time.monotonic() - began
        name = ErrorCode(slot.error_code).name
        print(f"{began - self.began:6.1f} s  {what}: produce {name} after {took:.2f} s")
        if slot.error_code != wanted:
            self.wrong.append(f"{what}: {name}")
        if slot.error_code == 0:
            self.expected.append(value)

    def fetched(self, what: str) -> None:
        client = WireClient(("127.0.0.1", self.broker.port))
        slot = client.call(fetch_request(0), 11).responses[0].partitions[0]
        client.close()
        found = [value for _, value in values_of(slot.records)]
        if found != self.expected:
            self.wrong.append(f"{what}: {found}, not {self.expected}")

    def run(self, slow_writes: int) -> list[str]:
        self.broker.start()
        client = WireClient(("127.0.0.1", self.broker.port))
        topic = CreatableTopic(
            name="t", num_partitions=1, replication_factor=1, assignments=[], configs=[]
        )
        client.call(CreateTopicsRequest(topics=[topic]), 5)
        client.call(FindCoordinatorRequest(key="g"), 2)
        client.call(HEARTBEAT, 4)  # makes the files of the group's partition, which is waited for
        self.produce(b"a", 0, "quick")
        self.disk(delay=True)
        self.produce(b"b", 0, "slow, found out")
        others = Others(self.broker.port)
        for number in range(slow_writes):
            self.produce(b"c%d" % number, 0, "slow")
        others.stop()
        print(f"{others.calls} fetches and heartbeats meanwhile, {others.longest_s * 1000:.0f} ms")
        if others.longest_s > LONGEST_S or not others.calls:
            self.wrong.append(f"others waited {others.longest_s} s")
        self.disk(write=errno.EIO)
        self.produce(b"lost", STORAGE, "EIO on write")
        self.disk()
        self.produce(b"d", 0, "writes resume")
        self.fetched("after EIO")
        self.disk(sync=errno.EIO)
        self.produce(b"lost too", STORAGE, "failed sync")
        self.disk()
        self.produce(b"refused", STORAGE, "closed until a restart")
        self.fetched("after a failed sync")
        client.close()
        self.broker.kill()
        self.control.unlink()
        self.broker.start()
        client = WireClient(("127.0.0.1", self.broker.port))
        slot = client.call(fetch_request(0), 11).responses[0].partitions[0]
        found = [value for _, value in values_of(slot.records)]
        if found not in (self.expected, [*self.expected, b"lost too"]):
            self.wrong.append(f"after a restart: {found}")
        self.expected = found
        client.close()
        self.produce(b"e", 0, "after a restart")
        self.broker.stop()
        return self.wrong


def main() -> int:
    """Read the command line, run, print what is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=30, help="how long it is slow")
    parser.add_argument("--delay", type=float, default=5, help="seconds that each call takes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder), given.delay)
        wrong = story.run(max(1, int(given.seconds / given.delay / 2)))
    print("\n".join(wrong) or "nothing is wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

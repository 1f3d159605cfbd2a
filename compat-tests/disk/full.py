"""A disk that is full for a while, under load: `make disk-full SECONDS=30`, as root.

On a small tmpfs a broker is produced to and fetched from. A file takes what room is left, and is
removed again. Printed is a line for each second; checked is that producers got a retriable error
only, that fetches went on, that writes resumed by themselves, and that all that was acknowledged
is there.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from broker_process import running_broker

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafkacompat_protocol.records.batch import read_batches
from tests.support.node import WireClient
from tests.support.produced import batch, fetch_request, produce_request

SIZE_BYTES = 48 << 20
FILLED_AT_A_TIME = 4096


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a tmpfs for a while."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_BYTES}", "tmpfs", str(folder)]
    subprocess.run(command, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class Load:
    """One producer and one consumer, and what they were told, by second."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.began = time.monotonic()
        self.answers: dict[int, Counter[str]] = {}
        self.acknowledged: dict[int, bytes] = {}
        self.fetched = Counter[int]()
        self.stopping = threading.Event()
        self.failure: BaseException | None = None
        works = (self._produce, self._fetch)
        self.threads = [threading.Thread(target=self._guard, args=(work,)) for work in works]

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self.failure = error

    @property
    def second(self) -> int:
        return int(time.monotonic() - self.began)

    def _produce(self) -> None:
        client = WireClient(("127.0.0.1", self.port))
        number = 0
        while not self.stopping.is_set():
            value = b"%d " % number * 40
            slot = client.call(produce_request(batch(value)), 8).responses[0].partition_responses[0]
            name = ErrorCode(slot.error_code).name
            self.answers.setdefault(self.second, Counter())[name] += 1
            if slot.error_code == 0:
                self.acknowledged[slot.base_offset] = value
                number += 1
            self.stopping.wait(0.002 if slot.error_code == 0 else 0.05)
        client.close()

    def _fetch(self) -> None:
        client = WireClient(("127.0.0.1", self.port))
        while not self.stopping.is_set():
            slot = client.call(fetch_request(0), 11).responses[0].partitions[0]
            assert slot.error_code == 0, slot.error_code
            self.fetched[self.second] += 1
            self.stopping.wait(0.02)
        client.close()


def fill(path: Path) -> None:
    """Take what room is left."""
    with path.open("ab", buffering=0) as file:
        try:
            while file.write(bytes(FILLED_AT_A_TIME)):
                pass
        except OSError:
            pass


def run(seconds: int, folder: Path) -> list[str]:
    """Run it, print the seconds, return what is wrong."""
    with small_disk(folder / "disk") as disk, running_broker(disk / "data") as broker:
        topic = CreatableTopic(
            name="t", num_partitions=1, replication_factor=1, assignments=[], configs=[]
        )
        first = WireClient(("127.0.0.1", broker.port))
        assert first.call(CreateTopicsRequest(topics=[topic]), 5).topics[0].error_code == 0
        load = Load(broker.port)
        for thread in load.threads:
            thread.start()
        time.sleep(3)
        full_from, filler = load.second, disk / "filler"
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            fill(filler)
            time.sleep(0.1)
        filler.unlink()
        full_to = load.second
        time.sleep(3)
        load.stopping.set()
        for thread in load.threads:
            thread.join()
        for second in range(load.second + 1):
            state = "full" if full_from <= second <= full_to else ""
            answers = dict(load.answers.get(second, {}))
            print(f"{second:>4} s {state:<5} produce {answers}  fetches {load.fetched[second]}")
        wrong = _check(load, (full_from, full_to), first)
        first.close()
    return wrong


def _check(load: Load, full: tuple[int, int], client: WireClient) -> list[str]:
    wrong = [repr(load.failure)] if load.failure is not None else []
    names = {name for answers in load.answers.values() for name in answers}
    if not names <= {"NONE", "KAFKA_STORAGE_ERROR"} or len(names) < 2:
        wrong.append(f"producers were told {names}")
    wrong += [f"no fetch in second {s}" for s in range(*full) if not load.fetched[s]]
    after = [load.answers.get(second, Counter())["NONE"] for second in (full[1] + 1, full[1] + 2)]
    if not all(after):
        wrong.append("writes did not resume")
    found: dict[int, bytes] = {}
    offset = 0
    while True:
        slot = client.call(fetch_request(offset), 11).responses[0].partitions[0]
        content = bytes(slot.records or b"")
        for at, header in read_batches(content):
            found[header.base_offset] = content[at : at + header.size]
            offset = header.next_offset
        if offset >= slot.high_watermark:
            break
    wrong += [
        f"lost {at}" for at, value in load.acknowledged.items() if value not in found.get(at, b"")
    ]
    print(f"{len(load.acknowledged)} acknowledged, {len(found)} in the log, {len(wrong)} wrong")
    return wrong


def main() -> int:
    """Read the command line, run, print what is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=30)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wrong = run(given.seconds, Path(folder))
    print("\n".join(wrong[:10]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

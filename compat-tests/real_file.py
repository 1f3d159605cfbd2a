"""Send a real file of text lines through the broker and compare it byte for byte.

    python compat-tests/real_file.py [--megabytes 100] [--bootstrap HOST:PORT]

The file is all sources of Python's standard library, repeated. Its lines go through a topic of 8
partitions, once produced by kafka-python and consumed by confluent-kafka and once the other way
round, with each compression; each client runs in an environment of its own. Lines carry their
number as key, by which the file is put together again. Without --bootstrap a broker is started.
"""

import argparse
import contextlib
import hashlib
import json
import subprocess
import sys
import sysconfig
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from broker_process import running_broker
from environments import python_of

HERE = Path(__file__).resolve().parent
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
DIRECTIONS = (("kafka_python_3", "confluent_kafka"), ("confluent_kafka", "kafka_python_3"))
PARTITIONS = 8
DEADLINE_S = 900
NODE_OPTIONS = ("--override", "offsets.topic.num.partitions=4")


@dataclass(frozen=True)
class Passage:
    """One way of the file through the broker."""

    producer: str
    consumer: str
    codec: str
    megabytes: float
    produce_s: float
    consume_s: float
    is_same: bool

    def row(self) -> str:
        """Return a line of the table."""
        return (
            f"{self.producer:16} {self.consumer:16} {self.codec:7}"
            f"{self.megabytes / self.produce_s:9.1f} {self.megabytes / self.consume_s:9.1f}"
            f"   {'same' if self.is_same else 'DIFFERENT'}"
        )


HEADER = f"{'producer':16} {'consumer':16} {'codec':7}{'MB/s in':>9} {'MB/s out':>9}   bytes"


def make_file(path: Path, size: int) -> None:
    """Write at least `size` bytes of source lines."""
    sources = sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py"))
    written = 0
    with path.open("wb") as out:
        while written < size:
            for source in sources:
                if "site-packages" not in source.parts:
                    written += out.write(source.read_bytes() + b"\n")
                if written >= size:
                    break


def digest(path: Path) -> str:
    """Return the hash of a file's bytes."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def passages(bootstrap: str, folder: Path, size: int) -> Iterator[Passage]:
    """Send the file every way, and yield what came of each."""
    original = folder / "original"
    make_file(original, size)
    wanted = digest(original)
    megabytes = original.stat().st_size / 1e6
    for producer, consumer in DIRECTIONS:
        for codec in CODECS:
            topic = f"real-file-{uuid.uuid4().hex[:12]}"
            returned = folder / "returned"
            sent = _run(producer, "produce", bootstrap, topic, codec, original)
            got = _run(consumer, "consume", bootstrap, topic, str(sent["lines"]), returned)
            yield Passage(
                producer,
                consumer,
                codec,
                megabytes,
                sent["seconds"],
                got["seconds"],
                is_same=digest(returned) == wanted,
            )
            returned.unlink()


def _run(client: str, *arguments: str | Path) -> dict[str, float]:
    command = [str(python_of(client)), "-W", "ignore", str(HERE / client / "real_file_client.py")]
    done = subprocess.run(
        [*command, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
        env={"PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    if done.returncode:
        raise RuntimeError(f"{client} {arguments[0]} failed:\n{done.stdout}{done.stderr}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> int:
    """Read the command line, send the file, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--bootstrap", help="a running broker; else one is started")
    given = parser.parse_args()
    different = 0
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bootstrap = given.bootstrap
        if bootstrap is None:
            broker = stack.enter_context(running_broker(folder / "data", *NODE_OPTIONS))
            bootstrap = broker.bootstrap
        print(HEADER)
        for passage in passages(bootstrap, folder, given.megabytes * 1_000_000):
            print(passage.row(), flush=True)
            different += not passage.is_same
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())

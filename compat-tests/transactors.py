"""Clients that make transactions, and those that read meanwhile, beside one broker."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

from broker_process import BrokerProcess
from confluent_kafka import ConsumerGroupTopicPartitions
from confluent_kafka.admin import AdminClient, NewTopic
from environments import EnvironmentFailed, python_of

from kafkacompat_protocol.messages.describe_transactions import (
    DescribeTransactionsRequest,
    TransactionDescription,
)
from tests.support.node import WireClient
from tests.support.toolchains import require_kafka_home, unavailable

HERE = Path(__file__).resolve().parent
GO_CACHE = HERE.parent / ".cache" / "go"
DEADLINE_S = 40
PARTITIONS = 2
ROUNDS = 3
"""A reader that polled so often, and got nothing, has nothing to get."""

READERS = {
    "java": ("confluent_kafka", "kafka_python_3"),
    "confluent_kafka": ("kafka_python_3", "aiokafka"),
    "kafka_python_3": ("confluent_kafka", "aiokafka"),
    "aiokafka": ("confluent_kafka", "kafka_python_3"),
    "franz_go": ("confluent_kafka", "kafka_python_3"),
}
"""Who reads what each client writes."""

Rows = dict[tuple[str, int], list[tuple[int, str]]]
"""Offsets and values by topic and partition."""


class Refused(Exception):
    """A client's error; the first argument is its name."""


def command_of(client: str) -> list[str]:
    """Return how to start a client's transactions; the test ends where that is impossible."""
    if client == "java":
        home = require_kafka_home("4.3.1")
        log = "-Dorg.apache.logging.log4j.level=OFF"
        jars = ["-cp", f"{home}/libs/*", str(HERE / "Transactor.java")]
        return ["java", "-XX:TieredStopAtLevel=1", "-Xmx128m", log, *jars]
    if client == "franz_go":
        return [str(built_with_go(HERE / client))]
    return python_command(client, "transact")


def python_command(client: str, role: str) -> list[str]:
    try:
        python = python_of(client)
    except EnvironmentFailed as error:
        unavailable(str(error))
    return [str(python), "-W", "ignore", str(HERE / client / "transactions.py"), role]


def built_with_go(module: Path) -> Path:
    """Return the program of a Go module, building it when its sources are new."""
    go = shutil.which("go")
    if go is None:
        unavailable("Go is not installed")
    sources = b"".join((module / name).read_bytes() for name in ("go.mod", "go.sum", "main.go"))
    program = GO_CACHE / f"{module.name}-{hashlib.sha256(sources).hexdigest()[:12]}"
    GO_CACHE.mkdir(parents=True, exist_ok=True)
    with (GO_CACHE / f"{program.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            draft = program.with_suffix(".draft")
            command = [go, "build", "-o", str(draft), "."]
            done = subprocess.run(command, cwd=module, capture_output=True, text=True, check=False)
            if done.returncode:
                unavailable(f"go build failed:\n{done.stderr}")
            draft.rename(program)
    return program


class Process:
    """A client's process; what it says on stderr goes to a log."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self.log = log
        self._stderr = log.open("ab")
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
            env={**os.environ, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"},
        )

    def close(self) -> None:
        with self.process, self._stderr:
            self.process.kill()


class Transactor(Process):
    """A client that makes transactions; see transacting.py."""

    def tell(self, action: str, producer: str, *arguments: str | int) -> None:
        """Have a producer do something. Errors: Refused."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps([action, producer, *arguments]), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        assert line, f"the client died:\n{self.log.read_text()[-3000:]}"
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"], action, answer["text"])


class Reader(Process):
    """A client that reads what is committed, all the time."""

    def __init__(self, command: Sequence[str], log: Path, allowed: set[str]) -> None:
        super().__init__(command, log)
        self.rows: Rows = defaultdict(list)
        self.rounds = 0
        self.premature: list[str] = []
        """Values that came while they were not allowed."""
        self._allowed = allowed
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            for topic, partition, offset, value in json.loads(line):
                self.rows[topic, partition].append((offset, value))
                if value not in self._allowed:
                    self.premature.append(value)
            self.rounds += 1

    def close(self) -> None:
        self.process.kill()
        self._thread.join(10)
        super().close()


class Stage:
    """A broker, a client, two readers of others, and what must be in each topic."""

    def __init__(self, client: str, broker: BrokerProcess, topics: Sequence[str]) -> None:
        self.client = client
        self.broker = broker
        self._admin = AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0})
        made = self._admin.create_topics([NewTopic(topic, PARTITIONS, 1) for topic in topics])
        for future in made.values():
            future.result()
        self.allowed: set[str] = set()
        log = broker.data.parent / f"{client}.log"
        self.transactor = Transactor([*command_of(client), broker.bootstrap], log)
        self.readers = {
            name: Reader(
                [*python_command(name, "read"), broker.bootstrap, *topics],
                broker.data.parent / f"{name}-reads-{client}.log",
                self.allowed,
            )
            for name in READERS[client]
        }

    def close(self) -> None:
        for process in (self.transactor, *self.readers.values()):
            process.close()

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        give_up = time.monotonic() + DEADLINE_S
        while not condition():
            died = [name for name, each in self.readers.items() if each.process.poll() is not None]
            assert died == [], [self.readers[name].log.read_text()[-2000:] for name in died]
            assert time.monotonic() < give_up, f"not in {DEADLINE_S} s: {what}"
            time.sleep(0.01)

    def see(self, topic: str, expected: Sequence[Sequence[str]]) -> None:
        """Both readers have exactly these values of each partition, however long they poll."""
        total = sum(map(len, expected))

        def count(reader: Reader) -> int:
            return sum(len(reader.rows[topic, part]) for part in range(PARTITIONS))

        readers = self.readers.values()
        self.wait(lambda: all(count(reader) >= total for reader in readers), f"{total} of {topic}")
        until = {name: reader.rounds + ROUNDS for name, reader in self.readers.items()}
        self.wait(
            lambda: all(each.rounds >= until[name] for name, each in self.readers.items()), "polls"
        )
        first, second = ([each.rows[topic, p] for p in range(PARTITIONS)] for each in readers)
        assert [[value for _, value in rows] for rows in first] == [list(e) for e in expected]
        assert first == second
        assert [each.premature for each in readers] == [[], []]

    def group_offsets(self, group: str) -> list[int]:
        """Return what a group has committed of each partition; -1 for nothing."""
        asked = [ConsumerGroupTopicPartitions(group)]
        (future,) = self._admin.list_consumer_group_offsets(asked).values()
        found = {part.partition: part.offset for part in future.result().topic_partitions}
        return [found.get(part, -1) for part in range(PARTITIONS)]

    def described(self, transactional_id: str) -> TransactionDescription:
        """Return what the broker says of a transactional id."""
        client = WireClient(("127.0.0.1", self.broker.port))
        request = DescribeTransactionsRequest(transactional_ids=[transactional_id])
        (found,) = client.call(request, 0).transaction_states
        client.socket.close()
        description: TransactionDescription = found
        return description


@contextmanager
def stage(client: str, folder: Path, topics: Sequence[str]) -> Iterator[Stage]:
    """Start all of it, and stop it in the end."""
    command_of(client)
    with ExitStack() as stack:
        settings = ("-c", "group.initial.rebalance.delay.ms=0")
        broker = BrokerProcess(folder / "data", arguments=settings).start()
        stack.callback(broker.stop)
        made = Stage(client, broker, topics)
        stack.callback(made.close)
        yield made

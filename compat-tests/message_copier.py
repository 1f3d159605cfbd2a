"""Kafka's own TransactionalMessageCopier, while broker and copier are killed again and again.

    python compat-tests/message_copier.py [--messages 33333] [--broker-kills 10] [--seed N]

The copier of Kafka's system tests reads a partition, writes each record to another topic and
commits its offsets in the same transactions. Whatever is killed, a read_committed consumer must
find the input in the output: every record once, in order (T1, T2, D1, D5, D6).
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent / "kafka_home"))

import kafka_home
from broker_process import BrokerProcess

INPUT, OUTPUT = "copier-input", "copier-output"
PATIENCE_S = 120
TRANSACTION_TIMEOUT_MS = 2_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What is copied, and what is killed meanwhile."""

    messages: int = 33_333
    transaction_size: int = 750
    broker_kills: int = 10
    copier_kills: int = 10
    seed: int = 1
    arguments: tuple[str, ...] = ()
    """More of the broker's command line."""


@dataclass(slots=True)
class Report:
    """What happened."""

    broker_kills: int = 0
    copier_kills: int = 0
    copier_starts: int = 0
    seconds: float = 0.0
    difference: str = ""
    """Where output and input part; nothing if they are equal."""


class Copier:
    """A copier process, and what it says of its progress."""

    def __init__(self, home: Path, bootstrap: str, plan: Plan) -> None:
        command = [str(home / "bin" / "kafka-txn-copier.sh"), "--broker-list", bootstrap]
        command += ["--input-topic", INPUT, "--input-partition", "0", "--output-topic", OUTPUT]
        command += ["--transactional-id", "copier", "--consumer-group", "copier"]
        command += ["--max-messages", str(plan.messages)]
        command += ["--transaction-size", str(plan.transaction_size)]
        # A new copier asks for its position before it fences the old one: it waits so long.
        command += ["--transaction-timeout", str(TRANSACTION_TIMEOUT_MS)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self.said: list[str] = []
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(line)
        self._lines.put(None)

    def wait_for_commit(self, deadline: float) -> bool:
        """Return once another transaction is through; False if the copier has ended instead."""
        while True:
            try:
                line = self._lines.get(timeout=max(0.1, deadline - time.monotonic()))
            except Empty:
                raise TimeoutError("the copier is stuck:\n" + "".join(self.said[-20:])) from None
            if line is None:
                return False
            self.said.append(line)
            if line.startswith("{") and json.loads(line).get("consumed"):
                return True

    def kill(self) -> None:
        """kill -9, if it still runs."""
        self._process.kill()
        self._process.wait(30)
        self._reader.join(30)

    def succeeded(self) -> bool:
        """Whether it ended by itself, with all of it copied."""
        return self._process.wait(30) == 0


def run(plan: Plan, home: Path, folder: Path) -> Report:
    """Copy, kill, and compare. Errors: TimeoutError when nothing goes on any more."""
    chance = random.Random(plan.seed)
    kills = ["broker"] * plan.broker_kills + ["copier"] * plan.copier_kills
    chance.shuffle(kills)
    report = Report()
    began = time.monotonic()
    broker = BrokerProcess(folder / "data", arguments=plan.arguments).start()
    try:
        lines = [b"%d" % number for number in range(plan.messages)]
        _fill(broker.bootstrap, lines)
        _copy(plan, home, broker, kills, chance, report)
        report.difference = _difference(lines, _read_committed(broker.bootstrap))
    finally:
        broker.stop()
    report.seconds = time.monotonic() - began
    return report


def _fill(bootstrap: str, lines: list[bytes]) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    topics = [NewTopic(name, num_partitions=1, replication_factor=1) for name in (INPUT, OUTPUT)]
    for future in admin.create_topics(topics).values():
        future.result(30)
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all"})
    for line in lines:
        producer.produce(INPUT, line)
        producer.poll(0)
    assert producer.flush(60) == 0


def _copy(
    plan: Plan,
    home: Path,
    broker: BrokerProcess,
    kills: list[str],
    chance: random.Random,
    report: Report,
) -> None:
    copier = None
    try:
        while True:
            if copier is None:
                copier = Copier(home, broker.bootstrap, plan)
                report.copier_starts += 1
            deadline = time.monotonic() + PATIENCE_S
            if not copier.wait_for_commit(deadline):
                if copier.succeeded() and not kills:
                    copier.kill()
                    return
                copier.kill()
                assert report.copier_starts < 100, "".join(copier.said[-20:])
                copier = None  # What was killed took it along: Kafka's tests restart it too.
                continue
            if not kills:
                continue
            time.sleep(chance.uniform(0, 0.04))
            if kills.pop() == "broker":
                broker.kill()
                broker.start()
                report.broker_kills += 1
            else:
                copier.kill()
                copier = None
                report.copier_kills += 1
    finally:
        if copier is not None:
            copier.kill()


def _read_committed(bootstrap: str) -> list[bytes]:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "reader",
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
        }
    )
    consumer.assign([TopicPartition(OUTPUT, 0, 0)])
    found: list[bytes] = []
    deadline = time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < deadline:
            message = consumer.poll(1)
            if message is None:
                continue
            error = message.error()
            if error is not None and error.code() == KafkaError._PARTITION_EOF:
                return found
            assert error is None, error
            found.append(message.value() or b"")
    finally:
        consumer.close()
    raise TimeoutError("the output's end is not reached: a transaction hangs (T3)")


def _difference(expected: list[bytes], found: list[bytes]) -> str:
    for place, (wanted, got) in enumerate(zip(expected, found, strict=False)):
        if wanted != got:
            return f"record {place}: {got!r} instead of {wanted!r}"
    if len(expected) != len(found):
        return f"{len(found)} records instead of {len(expected)}"
    return ""


def main() -> None:
    """Run a campaign from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=33_333)
    parser.add_argument("--transaction-size", type=int, default=750)
    parser.add_argument("--broker-kills", type=int, default=10)
    parser.add_argument("--copier-kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    plan = Plan(**vars(given))
    with tempfile.TemporaryDirectory(prefix="message-copier-") as folder:
        report = run(plan, kafka_home.build("4.3.1"), Path(folder))
    print(
        f"{plan.messages} messages, {plan.transaction_size} a transaction; killed: broker "
        f"{report.broker_kills} times, copier {report.copier_kills} times; copier started "
        f"{report.copier_starts} times; {report.seconds:.1f} s; output equals input: "
        f"{report.difference or 'yes, in order'}"
    )
    sys.exit(1 if report.difference else 0)


if __name__ == "__main__":
    main()

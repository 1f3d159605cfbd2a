"""Three brokers of one process, of which one after the other dies and comes back, under load.

    python compat-tests/cluster_campaign.py [--seconds 60] [--every 5] [--seed N]

Clients are Java's and librdkafka's newest; each produces idempotently with acks=all to a topic of
its own and consumes it in a group. Nothing acknowledged may be lost, nothing may be in the log
twice, and nobody may get a record twice.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "protocol"))
sys.path.insert(0, str(Path(__file__).parents[1] / "storage"))
sys.path.insert(0, str(Path(__file__).parent))

from broker_process import BrokerProcess
from confluent_kafka import Consumer, Producer, TopicPartition
from group_broker import kafka_home

from tests.support.control import Http

HERE = Path(__file__).resolve().parent
VERSION, BROKERS, PARTITIONS, PER_SECOND = "4.3.1", 3, 6, 200
PATIENCE_S = 60


@dataclass(slots=True)
class Ledger:
    """What one client told: its threads write it."""

    acknowledged: set[str] = field(default_factory=set)
    got: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    is_flushed: threading.Event = field(default_factory=threading.Event)

    def judge(self, client: str, log: Counter[str]) -> list[str]:
        """Return what went wrong; `log` is what is in the topic."""
        lost = [value for value in self.acknowledged if value not in log]
        found = [f"{client}: {error}" for error in self.errors]
        if lost:
            found.append(f"{client}: {len(lost)} of {len(self.acknowledged)} lost: {lost[:5]}")
        for what, counts in (("in the log", log), ("got", self.got)):
            twice = [value for value, count in counts.items() if count > 1]
            if twice:
                found.append(f"{client}: {len(twice)} {what} twice: {twice[:5]}")
        if missed := set(log) - set(self.got):
            found.append(f"{client}: {len(missed)} of {len(log)} never got")
        return found


@dataclass(slots=True)
class Report:
    """What happened, and what should not have."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    kills: int = 0
    violations: list[str] = field(default_factory=list)


@contextmanager
def running_cluster(folder: Path) -> Iterator[tuple[str, Http]]:
    """Start three brokers as a user would; return their addresses and their control interface."""
    arguments = ["-n", str(BROKERS), "--control-port", "0"]
    brokers = BrokerProcess(folder / "brokers", memory=True, arguments=arguments).start()
    try:
        yield brokers.ready["bootstrap_servers"], Http(brokers.ready["control"])
    finally:
        brokers.stop()


class JavaLoad:
    """The Java client, in a process of its own."""

    def __init__(self, bootstrap: str, topic: str, ledger: Ledger, log: Path) -> None:
        home = kafka_home.build(VERSION)
        command = ["java", "-Xmx256m", "-cp", f"{home}/libs/*", str(HERE / "ClusterLoad.java")]
        command += [bootstrap, topic, str(PER_SECOND)]
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True
        )
        self._ledger = ledger
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            kind, _, rest = line.strip().partition(" ")
            match kind:
                case "A":
                    self._ledger.acknowledged.add(rest)
                case "G":
                    self._ledger.got[rest.partition(" ")[0]] += 1
                case "F":
                    self._ledger.is_flushed.set()
                case _:
                    self._ledger.errors.append(rest)

    def stop_producing(self) -> None:
        """Produce no more."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """End."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._reading.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.close()


class LibrdkafkaLoad:
    """librdkafka, in threads of this process."""

    def __init__(self, bootstrap: str, topic: str, ledger: Ledger) -> None:
        self._servers = {"bootstrap.servers": bootstrap, "log_level": 0}
        self._topic, self._ledger = topic, ledger
        self._is_stopped, self._is_over = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=each) for each in (self._produce, self._consume)]
        for thread in self._threads:
            thread.start()

    def _produce(self) -> None:
        producer = Producer(self._servers | {"enable.idempotence": True, "linger.ms": 0})

        def told(error: Any, message: Any) -> None:
            if error is None:
                self._ledger.acknowledged.add(message.value().decode())
            else:
                self._ledger.errors.append(str(error))

        number, due = 0, time.monotonic()
        while not self._is_stopped.is_set():
            producer.produce(self._topic, str(number), str(number), on_delivery=told)
            producer.poll(0)
            number, due = number + 1, due + 1 / PER_SECOND
            self._is_stopped.wait(max(0.0, due - time.monotonic()))
        producer.flush(PATIENCE_S)
        self._ledger.is_flushed.set()

    def _consume(self) -> None:
        group = {"group.id": f"{self._topic}-librdkafka", "auto.offset.reset": "earliest"}
        consumer = Consumer(self._servers | group)
        consumer.subscribe([self._topic])
        while not self._is_over.is_set():
            for message in consumer.consume(500, 0.1):
                if message.error() is None:
                    self._ledger.got[(message.value() or b"").decode()] += 1
        consumer.close()

    def stop_producing(self) -> None:
        """Produce no more."""
        self._is_stopped.set()

    def close(self) -> None:
        """End."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()


def run(seconds: float, every: float, seed: int, folder: Path) -> Report:
    """Run it, in a folder of its own."""
    report, chance = Report(), random.Random(seed)
    ledgers = {"java": Ledger(), "librdkafka": Ledger()}
    with running_cluster(folder) as (where, control):
        for client in ledgers:
            control.post("/topics", name=client, partitions=PARTITIONS)
        loads: list[JavaLoad | LibrdkafkaLoad] = [
            JavaLoad(where, "java", ledgers["java"], folder / "java.log"),
            LibrdkafkaLoad(where, "librdkafka", ledgers["librdkafka"]),
        ]
        try:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                time.sleep(every / 2)
                broker = chance.randint(1, BROKERS)
                control.post(f"/brokers/{broker}/kill")
                report.kills += 1
                time.sleep(every / 2)
                control.post(f"/brokers/{broker}/restart")
            for load in loads:
                load.stop_producing()
            for client, ledger in ledgers.items():
                if not ledger.is_flushed.wait(PATIENCE_S):
                    report.violations.append(f"{client}: did not come to an end")
            for client, ledger in ledgers.items():
                log = read_log(where, client)
                deadline = time.monotonic() + PATIENCE_S
                while set(log) - set(ledger.got) and time.monotonic() < deadline:
                    time.sleep(0.1)
                report.acknowledged[client] = len(ledger.acknowledged)
                report.violations += ledger.judge(client, log)
        finally:
            for load in loads:
                load.close()
    return report


def read_log(bootstrap: str, topic: str) -> Counter[str]:
    """Return all values in a topic, and how often each is there."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "-", "log_level": 0})
    found: Counter[str] = Counter()
    for index in range(PARTITIONS):
        place = TopicPartition(topic, index, 0)
        _, end = consumer.get_watermark_offsets(place, PATIENCE_S)
        consumer.assign([place])
        position = 0
        while position < end:
            message = consumer.poll(PATIENCE_S)
            assert message is not None, f"{topic}-{index} ends before {end}"
            if message.error() is None:
                found[(message.value() or b"").decode()] += 1
                position = (message.offset() or 0) + 1
    consumer.close()
    return found


def main() -> None:
    """Run a campaign from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--every", type=float, default=5, help="seconds from kill to kill")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cluster-campaign-") as folder:
        report = run(given.seconds, given.every, given.seed, Path(folder))
    print(f"brokers killed and restarted: {report.kills}, acknowledged: {report.acknowledged}")
    print("\n".join(report.violations) or "nothing lost, nothing doubled")
    raise SystemExit(bool(report.violations))


if __name__ == "__main__":
    main()

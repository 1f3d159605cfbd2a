"""kill -9 the broker at random moments under acks=all load, and check what it promised.

    python compat-tests/kill_campaign.py --kills 50 [--seed N] [--durability fsync|os]

Load: librdkafka producers, idempotent and not, on several partitions, and a committer of group
offsets. Checked in the end, over everything seen before and after every kill:

D1 every acknowledged record is there, at its offset, with its bytes;
D2 no offset ever showed two different records, to any reader;
D4 no offset was given to two acknowledged records;
D5 what an idempotent producer sent is there exactly once;
D6 no committed offset went back.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

sys.path.insert(0, str(Path(__file__).parent))

from broker_process import BrokerProcess

PARTITIONS = 4
PLAIN, IDEMPOTENT, GROUP = "plain", "idempotent", "campaign"
SETTLE_S = 60
Where = tuple[str, int, int]


@dataclass
class Seen:
    """What clients were told; written by their threads, read in the end."""

    sent: Counter[str] = field(default_factory=Counter)
    acked: dict[Where, bytes] = field(default_factory=dict)
    read: dict[Where, bytes] = field(default_factory=dict)
    committed: int = -1
    commits: int = 0
    violations: list[str] = field(default_factory=list)

    def acknowledge(self, where: Where, value: bytes) -> None:
        """Note an acknowledged record."""
        before = self.acked.setdefault(where, value)
        if before != value:
            self.violations.append(f"D4 {where} acknowledged for {before!r} and {value!r}")

    def show(self, where: Where, value: bytes) -> None:
        """Note a record that a reader got."""
        before = self.read.setdefault(where, value)
        if before != value:
            self.violations.append(f"D2 {where} showed {before!r}, then {value!r}")


class Load:
    """Clients that go on through every restart, until told to stop."""

    def __init__(self, bootstrap: str, seen: Seen) -> None:
        self.bootstrap = bootstrap
        self.seen = seen
        self.stopping = threading.Event()
        work = [
            lambda: self._produce(PLAIN),
            lambda: self._produce(IDEMPOTENT),
            self._consume,
            self._commit,
        ]
        self.threads = [threading.Thread(target=job, daemon=True) for job in work]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """End the load; producers first get answers to what they have sent."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(SETTLE_S * 2)
            if thread.is_alive():
                self.seen.violations.append("a client hung after the faults had ended")

    def _produce(self, topic: str) -> None:
        producer = Producer(
            {
                "bootstrap.servers": self.bootstrap,
                "acks": "all",
                "enable.idempotence": topic == IDEMPOTENT,
                "linger.ms": 1,
                "retry.backoff.ms": 20,
                "reconnect.backoff.max.ms": 100,
                "message.timeout.ms": 120_000,
                "log_level": 0,
            }
        )
        number = 0
        while not self.stopping.is_set():
            value = f"{topic}-{number}".encode()
            number += 1
            while True:
                try:
                    producer.produce(
                        topic,
                        value,
                        partition=number % PARTITIONS,
                        on_delivery=lambda error, message, value=value: self._delivered(
                            error, message, value
                        ),
                    )
                    break
                except BufferError:
                    producer.poll(0.01)
            self.seen.sent[topic] += 1
            producer.poll(0)
            if number % 50 == 0:
                self.stopping.wait(0.002)
        if producer.flush(SETTLE_S):
            self.seen.violations.append(f"{topic}: records neither delivered nor failed")

    def _delivered(self, error: object, message: Message, value: bytes) -> None:
        if error is None:
            where = (message.topic(), message.partition(), message.offset())
            self.seen.acknowledge(where, value)

    def _consume(self) -> None:
        consumer = _consumer(self.bootstrap)
        assigned = [TopicPartition(t, p, 0) for t in (PLAIN, IDEMPOTENT) for p in range(PARTITIONS)]
        consumer.assign(assigned)
        while not self.stopping.is_set():
            for message in consumer.consume(500, timeout=0.1):
                if message.error() is None:
                    where = (message.topic(), message.partition(), message.offset())
                    self.seen.show(where, message.value())
        consumer.close()

    def _commit(self) -> None:
        consumer = _consumer(self.bootstrap)
        where = TopicPartition(PLAIN, 0)
        offset = 0
        while not self.stopping.is_set():
            offset += 1
            try:
                consumer.commit(offsets=[TopicPartition(PLAIN, 0, offset)], asynchronous=False)
                self.seen.committed = offset
                self.seen.commits += 1
                if offset % 10 == 0:
                    found = consumer.committed([where], timeout=5)[0].offset
                    if found < self.seen.committed:
                        text = f"D6 committed {self.seen.committed}, then found {found}"
                        self.seen.violations.append(text)
            except KafkaException:
                offset -= 1
                self.stopping.wait(0.02)
        consumer.close()


def _consumer(bootstrap: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": GROUP,
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "reconnect.backoff.max.ms": 100,
            "fetch.wait.max.ms": 50,
            "session.timeout.ms": 6000,
            "log_level": 0,
        }
    )


def _read_all(bootstrap: str, seen: Seen) -> dict[Where, bytes]:
    """Read both topics from the start to their ends."""
    consumer = _consumer(bootstrap)
    found: dict[Where, bytes] = {}
    for topic in (PLAIN, IDEMPOTENT):
        for index in range(PARTITIONS):
            where = TopicPartition(topic, index, 0)
            _, end = consumer.get_watermark_offsets(where, timeout=10)
            consumer.assign([where])
            position, deadline = 0, time.monotonic() + SETTLE_S
            while position < end and time.monotonic() < deadline:
                for message in consumer.consume(5000, timeout=0.5):
                    if message.error() is None:
                        place = (topic, index, message.offset())
                        found[place] = message.value()
                        seen.show(place, message.value())
                        position = message.offset() + 1
            if position < end:
                seen.violations.append(f"{topic}-{index}: read to {position} of {end} only")
    consumer.close()
    return found


def check(bootstrap: str, seen: Seen) -> dict[Where, bytes]:
    """Compare everything with what is in the log now."""
    found = _read_all(bootstrap, seen)
    for where, value in seen.acked.items():
        if found.get(where) != value:
            seen.violations.append(
                f"D1 {where}: acknowledged {value!r}, found {found.get(where)!r}"
            )
    counts = Counter(value for (topic, _, _), value in found.items() if topic == IDEMPOTENT)
    for value, count in counts.items():
        if count > 1:
            seen.violations.append(f"D5 {value!r} is there {count} times")
    consumer = _consumer(bootstrap)
    last = consumer.committed([TopicPartition(PLAIN, 0)], timeout=10)[0].offset
    consumer.close()
    if last < seen.committed:
        seen.violations.append(f"D6 committed {seen.committed}, found {last}")
    return found


def run(kills: int, *, seed: int, durability: str, folder: Path) -> Seen:
    """Run the campaign; return what was seen, violations included."""
    chance = random.Random(seed)
    overrides = [
        "--override",
        f"kafkacompat.durability={durability}",
        "--override",
        "log.segment.bytes=1048576",
        "--override",
        "offsets.topic.num.partitions=4",
    ]
    broker = BrokerProcess(folder / "data", arguments=overrides).start()
    seen = Seen()
    try:
        _create_topics(broker.bootstrap)
        load = Load(broker.bootstrap, seen)
        load.start()
        for _ in range(kills):
            time.sleep(chance.uniform(0.15, 0.9))
            broker.kill()
            broker.start()
        time.sleep(0.5)
        load.stop()
        found = check(broker.bootstrap, seen)
    finally:
        broker.stop()
    print(
        f"kills {kills}  sent {sum(seen.sent.values())}  acknowledged {len(seen.acked)}"
        f"  in the log {len(found)}  read meanwhile {len(seen.read)}  commits {seen.commits}"
        f"  violations {len(seen.violations)}"
    )
    return seen


def _create_topics(bootstrap: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    topics = [NewTopic(name, PARTITIONS, 1) for name in (PLAIN, IDEMPOTENT)]
    for future in admin.create_topics(topics).values():
        future.result(10)


def main() -> int:
    """Read the command line, run, print what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--durability", choices=("fsync", "os"), default="fsync")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seen = run(given.kills, seed=given.seed, durability=given.durability, folder=Path(folder))
    for violation in seen.violations[:20]:
        print(violation)
    return 1 if seen.violations else 0


if __name__ == "__main__":
    sys.exit(main())

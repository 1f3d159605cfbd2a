"""kill -9 the broker at the Nth system call that changes its files, for every N; `make kill`.

    make kill POINTS=1000 SEED=1

A library is preloaded (kill_at.c) that dies before or after a call, or in the middle of a write.
Between deaths there are idempotent records to several partitions, rolls, a compacted topic,
transactions over two partitions and a group's offsets; the start after a death is cut short, too.
Checked after every start: D1 and D2 over all that was acknowledged, D5 and D6, T2, and that the
newest value of each key is there.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from broker_process import BrokerProcess

from kafkacompat.clock import SystemClock
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
)
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafkacompat_protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestTopic
from kafkacompat_protocol.records.batch import read_batches, read_header
from kafkacompat_protocol.records.record import Record, build_records_batch, iterate_records
from tests.support.node import WireClient
from tests.support.produced import batch, fetch_request, produce_request
from tests.support.transactions_on_the_wire import WireProducer

ROOT = Path(__file__).resolve().parent.parent
PARTITIONS, KEYS = 3, 5
TOPIC, KEYED, IN_TRANSACTIONS, GROUP = "t", "c", "x", "g"
PRODUCER_ID = 1_000_000
HOWS = ("before", "after", "short")
POINTS_A_FOLDER = 40
ROUNDS = 40
"""More than it is let live."""
PASSING = {
    ErrorCode.NOT_COORDINATOR,
    ErrorCode.COORDINATOR_NOT_AVAILABLE,
    ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
}
SETTINGS = (
    "log.roll.ms=25",
    "offsets.topic.num.partitions=2",
    "transaction.state.log.num.partitions=2",
    "log.cleaner.backoff.ms=50",
    "log.cleaner.min.cleanable.ratio=0.01",
    "log.flush.offset.checkpoint.interval.ms=100",
    "log.segment.delete.delay.ms=50",
)
DEAD = (ConnectionError, TimeoutError, OSError, AssertionError)


class Remote:
    """A broker process, as helpers of the tests want one."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.node = SimpleNamespace(clock=SystemClock())
        self._clients: list[WireClient] = []

    def client(self) -> WireClient:
        made = WireClient(("127.0.0.1", self.port))
        self._clients.append(made)
        return made

    def call(self, request: Any, version: int) -> Any:
        client = WireClient(("127.0.0.1", self.port))
        try:
            return client.call(request, version)
        finally:
            client.close()

    def close(self) -> None:
        for client in self._clients:
            client.close()


@dataclass
class Told:
    """What clients of one folder were told."""

    sent: dict[int, list[bytes]] = field(default_factory=lambda: {i: [] for i in range(PARTITIONS)})
    """By partition; a record's offset is its place here, as nothing is ever lost or doubled."""
    acknowledged: Counter[int] = field(default_factory=Counter)
    keyed: dict[bytes, list[bytes]] = field(default_factory=dict)
    """Values by key, from the last acknowledged one on."""
    committed: int = -1
    committing: int = -1
    transactions: dict[bytes, str] = field(default_factory=dict)
    """What became of each: committed, aborted, or unknown."""
    number: int = 0


class Life:
    """What is done with a broker from a start to its death."""

    def __init__(self, remote: Remote, told: Told, chance: random.Random) -> None:
        self.remote = remote
        self.told = told
        self.chance = chance
        self.client = remote.client()

    def create(self) -> None:
        """Make the topics, unless they are there."""
        self.client.call(FindCoordinatorRequest(key=GROUP), 2)
        for name, count, policy in (
            (TOPIC, PARTITIONS, "delete"),
            (KEYED, 1, "compact"),
            (IN_TRANSACTIONS, 2, "delete"),
        ):
            topic = CreatableTopic(
                name=name,
                num_partitions=count,
                replication_factor=1,
                assignments=[],
                configs=[CreatableTopicConfig(name="cleanup.policy", value=policy)],
            )
            code = self.client.call(CreateTopicsRequest(topics=[topic]), 5).topics[0].error_code
            if code not in (0, ErrorCode.TOPIC_ALREADY_EXISTS):
                raise ConnectionError(f"no topic: {code}")

    # --- what must hold

    def check(self) -> None:
        """Hold everything against what was told. Errors: AssertionError."""
        for index in range(PARTITIONS):
            self._check_partition(index)
        values = {key: value for _, key, value in self._read(KEYED, 0)}
        for key, allowed in self.told.keyed.items():
            assert values.get(key) in allowed, f"{key!r} is {values.get(key)!r}, not {allowed}"
        if self.told.committing >= 0:
            found = self._committed()
            told = self.told
            assert told.committed <= found <= told.committing, f"D6: {found}, {told.committed}"
            told.committed = found
        self._check_transactions()

    def _check_partition(self, index: int) -> None:
        told = self.told
        found = self._read(TOPIC, index)
        assert [offset for offset, _, _ in found] == list(range(len(found))), "D1: a hole"
        values = [value for _, _, value in found]
        assert len(values) >= told.acknowledged[index], f"D1: {len(values)} of partition {index}"
        assert values == told.sent[index][: len(values)], f"D2 or D5: partition {index}"
        del told.sent[index][len(values) :]
        told.acknowledged[index] = len(values)

    def _check_transactions(self) -> None:
        producer = WireProducer(self.remote, "settler", topic=IN_TRANSACTIONS)
        producer.name = "transactor"
        producer.init()  # ends what is open
        visible = [self._visible(index) for index in (0, 1)]
        for value, state in self.told.transactions.items():
            there = {value in values for values in visible}
            assert len(there) == 1, f"T2: half of {value!r}"
            assert state == "unknown" or there == {state == "committed"}, f"{value!r} was {state}"
            self.told.transactions[value] = "committed" if there == {True} else "aborted"

    def _read(self, topic: str, index: int) -> list[tuple[int, bytes | None, bytes | None]]:
        found: list[tuple[int, bytes | None, bytes | None]] = []
        for content, _ in self._fetch(topic, index, 0):
            records = iterate_records(content)
            found += [(r.offset, _bytes(r.key), _bytes(r.value)) for r in records]
        return found

    def _fetch(
        self, topic: str, index: int, isolation_level: int
    ) -> Iterator[tuple[bytes, set[tuple[int, int]]]]:
        """Yield batches to the end, with the aborted transactions (first offset, producer id)."""
        offset = 0
        while True:
            request = fetch_request(
                offset, topic=topic, partition=index, isolation_level=isolation_level
            )
            slot = self.client.call(request, 11).responses[0].partitions[0]
            assert slot.error_code == 0, f"{topic}-{index} answers {slot.error_code} at {offset}"
            content = bytes(slot.records or b"")
            aborted = {(a.first_offset, a.producer_id) for a in slot.aborted_transactions or ()}
            for at, header in read_batches(content):
                yield content[at : at + header.size], aborted
                offset = header.next_offset
            if offset >= slot.last_stable_offset or not content:
                return

    def _visible(self, index: int) -> set[bytes | None]:
        """Return what a read_committed consumer sees of the topic of transactions."""
        seen: set[bytes | None] = set()
        dropped: set[int] = set()
        for content, aborted in self._fetch(IN_TRANSACTIONS, index, 1):
            header = read_header(content)
            if header.is_control:
                dropped.discard(header.producer_id)
                continue
            if (header.base_offset, header.producer_id) in aborted:
                dropped.add(header.producer_id)
            if header.producer_id not in dropped:
                seen |= {_bytes(record.value) for record in iterate_records(content)}
        return seen

    def _committed(self) -> int:
        wanted = OffsetFetchRequestTopic(name=TOPIC, partition_indexes=[0])
        while True:
            told = self.client.call(OffsetFetchRequest(group_id=GROUP, topics=[wanted]), 5)
            if told.error_code not in PASSING:
                return int(told.topics[0].partitions[0].committed_offset)

    # --- what is done

    def work(self, rounds: int) -> None:
        """Do something of everything, again and again. Errors: ConnectionError when it dies."""
        for _ in range(rounds):
            self._produce()
            self._produce_keyed()
            self._commit()
            self._transact()

    def _produce(self) -> None:
        for index in self.chance.sample(range(PARTITIONS), 2):
            sent = self.told.sent[index]
            number = len(sent)
            value = self.chance.randbytes(self.chance.randint(20, 400))
            sent.append(value)
            records = batch(
                value,
                timestamp=self.remote.node.clock.wall_ms(),
                producer_id=PRODUCER_ID,
                producer_epoch=0,
                base_sequence=number,
            )
            slot = self._produce_one(produce_request(records, topic=TOPIC, index=index))
            assert slot.base_offset == number, f"D2: {slot.base_offset}, not {number}"
            self.told.acknowledged[index] = number + 1

    def _produce_one(self, request: Any) -> Any:
        slot = self.client.call(request, 8).responses[0].partition_responses[0]
        if slot.error_code:
            raise ConnectionError(f"produce answers {slot.error_code}")
        return slot

    def _produce_keyed(self) -> None:
        key = b"k%d" % self.chance.randrange(KEYS)
        value = self.chance.randbytes(100)
        allowed = self.told.keyed.setdefault(key, [])
        if not allowed:
            allowed.append(None)
        allowed.append(value)
        record = Record(0, self.remote.node.clock.wall_ms(), key, value)
        self._produce_one(produce_request(bytes(build_records_batch([record])), topic=KEYED))
        self.told.keyed[key] = [value]

    def _commit(self) -> None:
        self.told.committing += 1
        item = OffsetCommitRequestPartition(
            partition_index=0, committed_offset=self.told.committing, committed_metadata=""
        )
        topics = [OffsetCommitRequestTopic(name=TOPIC, partitions=[item])]
        while True:
            told = self.client.call(OffsetCommitRequest(group_id=GROUP, topics=topics), 7)
            code = told.topics[0].partitions[0].error_code
            if code not in PASSING:
                break
        if code == 0:
            self.told.committed = self.told.committing

    def _transact(self) -> None:
        producer = WireProducer(self.remote, "transactor", topic=IN_TRANSACTIONS)
        if producer.init():
            return
        self.told.number += 1
        value, commit = b"txn-%d" % self.told.number, self.chance.random() < 0.7
        self.told.transactions[value] = "aborted"
        for index in (0, 1):
            if producer.send(value, index=index).error_code:
                return
        if commit:
            self.told.transactions[value] = "unknown"
        if producer.end_until_done(commit=commit) == 0:
            self.told.transactions[value] = "committed" if commit else "aborted"
        producer.client.close()


def _bytes(content: Any) -> bytes | None:
    return None if content is None else bytes(content)


def build_library(folder: Path) -> Path:
    """Compile what is preloaded."""
    path = folder / "kill_at.so"
    source = ROOT / "compat-tests" / "kill_at.c"
    command = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(path), str(source), "-ldl"]
    subprocess.run(command, check=True)
    return path


class Campaign:
    """Points, one after the other, on folders that are used some times each."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.library = build_library(folder)
        self.chance = random.Random(seed)
        self.told = Told()
        self.data = folder / "data-0"
        self.deaths: Counter[str] = Counter()
        self.survived = 0
        self.violations: list[str] = []
        self.calls = 0

    def broker(self, kill_at: int, how: str) -> BrokerProcess:
        arguments = [part for each in SETTINGS for part in ("--override", each)]
        made = BrokerProcess(self.data, arguments=arguments)
        made.environment = {
            "LD_PRELOAD": str(self.library),
            "KILL_DIR": str(self.data),
            "KILL_AT": str(kill_at),
            "KILL_HOW": how,
            "KILL_TELL": str(self.folder / "calls"),
        }
        return made

    def measure(self) -> int:
        """Return how many calls a start and a workload make."""
        with self._alive(0, "before") as life:
            life.create()
            life.check()
            life.work(2)
        return int((self.folder / "calls").read_text())

    @contextmanager
    def _alive(self, kill_at: int, how: str) -> Iterator[Life]:
        broker = self.broker(kill_at, how).start()
        remote = Remote(broker.port)
        try:
            yield Life(remote, self.told, self.chance)
        finally:
            remote.close()
            broker.stop()

    def point(self, kill_at: int, how: str) -> None:
        """Start, check, work until death."""
        broker = self.broker(kill_at, how)
        try:
            broker.start()
        except RuntimeError:
            self.deaths[f"{how}, starting"] += 1
            broker.kill()
            return
        remote = Remote(broker.port)
        try:
            life = Life(remote, self.told, self.chance)
            life.create()
            try:
                life.check()
            except AssertionError as error:
                self.violations.append(f"{how} {kill_at}: {error}")
            life.work(ROUNDS)
        except DEAD as error:
            if isinstance(error, AssertionError):
                self.violations.append(f"{how} {kill_at}: {error}")
        finally:
            remote.close()
            if broker.dies_within(2):
                self.deaths[how] += 1
            else:
                self.survived += 1
            broker.kill()

    def run(self, points: int) -> None:
        """Walk through the calls, and begin anew when all were had."""
        total = self.calls = self.measure()
        step = max(1, total // points)
        for number in range(points):
            if number % POINTS_A_FOLDER == 0:
                self.finish()
                self.told = Told()
                shutil.rmtree(self.data, ignore_errors=True)
                self.data = self.folder / f"data-{number}"
            self.point(1 + number * step % total, HOWS[(number + number // total) % len(HOWS)])
        self.finish()

    def finish(self) -> None:
        """Look at a folder once more, with a broker that is let live."""
        with self._alive(0, "before") as life:
            life.create()
            try:
                life.check()
            except AssertionError as error:
                self.violations.append(f"in the end: {error}")


def main() -> int:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(Path(folder), given.seed)
        campaign.run(given.points)
    seconds = time.monotonic() - began
    print(
        f"{given.points} points in {seconds:.0f} s; a start and some work make {campaign.calls}"
        f" calls; deaths {dict(campaign.deaths)}, outlived {campaign.survived},"
        f" violations {len(campaign.violations)}"
    )
    for text in campaign.violations[:20]:
        print(text)
    return 1 if campaign.violations else 0


if __name__ == "__main__":
    sys.exit(main())

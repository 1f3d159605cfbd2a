"""A whole broker that is cut short: topics, configurations, records, group offsets, transactions.

Requests go through the real handlers and coordinators (tests/simulation/broker.py). Checked are
D1, D2, D5 and D6, that topics and configurations are as they were answered, T1 and T3, and T2: a
transaction over two partitions and an offset happened as a whole or not at all.
"""

from collections.abc import Coroutine
from typing import Any, Final

from kafkacompat.metadata import commands
from kafkacompat.metadata.commands import NewTopic, Place
from kafkacompat.metadata.image import RESOURCE_TOPIC
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.end_txn import EndTxnRequest
from kafkacompat_protocol.messages.init_producer_id import InitProducerIdRequest
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafkacompat_protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestTopic
from kafkacompat_protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
)
from kafkacompat_protocol.metadata_records.settings import ConfigRecord
from kafkacompat_protocol.records.batch import read_batches
from kafkacompat_protocol.records.record import iterate_records
from kafkacompat_storage.queries import find_aborted
from tests.crash.ledger import Ledger
from tests.crash.recorder import RecordingFiles
from tests.crash.states import State
from tests.simulation.broker import WALL_MS, SimulatedBroker
from tests.simulation.scheduler import Simulation
from tests.support.batches import read_all
from tests.support.produced import batch, produce_request

TOPICS: Final = {"t": 2, "in": 1}
GROUP, NAME = "g", "x"
TIMEOUT_MS = 5_000
LONG_MS = 60_000
IDEMPOTENT_ID = 77
TRANSACTIONS = 3
WAITED_FOR = (ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)


class Clients:
    """Who asks one life of a broker."""

    def __init__(self, broker: SimulatedBroker) -> None:
        self.broker = broker
        self.simulation = broker.simulation
        self.producer_id = self.epoch = -1
        self.sequences: dict[int, int] = {}

    async def call(self, request: Any, version: int) -> Any:
        future = self.simulation.loop.create_future()
        self.broker.serve("c", request, version, future.set_result)
        return await future

    async def until_done(self, request: Any, version: int, code_of: Any) -> Any:
        while True:
            told = await self.call(request, version)
            if code_of(told) not in WAITED_FOR:
                return told
            await self.simulation.sleep(5)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Have it done to its end."""
        ended: list[bool] = []

        async def to_its_end() -> None:
            await work
            ended.append(True)

        self.simulation.soon(lambda: self.simulation.start(to_its_end()))
        assert self.simulation.run(lambda: bool(ended), self.simulation.now_ms + LONG_MS)

    async def produce(self, value: bytes, sequence: int) -> int:
        records = batch(
            value,
            timestamp=WALL_MS,
            producer_id=IDEMPOTENT_ID,
            producer_epoch=0,
            base_sequence=sequence,
        )
        told = await self.call(produce_request(records, index=0), 9)
        slot = told.responses[0].partition_responses[0]
        assert slot.error_code == 0, slot
        return int(slot.base_offset)

    async def commit(self, offset: int) -> None:
        item = OffsetCommitRequestPartition(
            partition_index=0, committed_offset=offset, committed_metadata=""
        )
        topics = [OffsetCommitRequestTopic(name="t", partitions=[item])]
        request = OffsetCommitRequest(group_id=GROUP, topics=topics)
        told = await self.until_done(
            request, 7, lambda told: told.topics[0].partitions[0].error_code
        )
        assert told.topics[0].partitions[0].error_code == 0

    async def committed(self, topic: str) -> int:
        wanted = OffsetFetchRequestTopic(name=topic, partition_indexes=[0])
        request = OffsetFetchRequest(group_id=GROUP, topics=[wanted], require_stable=True)
        while True:
            told = await self.until_done(request, 7, lambda told: told.error_code)
            slot = told.topics[0].partitions[0]
            if slot.error_code != ErrorCode.UNSTABLE_OFFSET_COMMIT:
                return int(slot.committed_offset)
            await self.simulation.sleep(50)

    async def init(self) -> None:
        request = InitProducerIdRequest(transactional_id=NAME, transaction_timeout_ms=TIMEOUT_MS)
        told = await self.until_done(request, 5, lambda told: told.error_code)
        assert told.error_code == 0, told
        self.become(told)

    def become(self, told: Any) -> None:
        self.producer_id, self.epoch = told.producer_id, told.producer_epoch
        self.sequences.clear()

    async def add(self, value: bytes, index: int) -> None:
        sequence = self.sequences.get(index, 0)
        self.sequences[index] = sequence + 1
        records = batch(
            value,
            timestamp=WALL_MS,
            producer_id=self.producer_id,
            producer_epoch=self.epoch,
            base_sequence=sequence,
            is_transactional=True,
        )
        request = produce_request(records, index=index, transactional_id=NAME)
        told = await self.until_done(
            request, 12, lambda told: told.responses[0].partition_responses[0].error_code
        )
        assert told.responses[0].partition_responses[0].error_code == 0, told

    async def add_offset(self, offset: int) -> None:
        item = TxnOffsetCommitRequestPartition(
            partition_index=0, committed_offset=offset, committed_metadata=""
        )
        request = TxnOffsetCommitRequest(
            transactional_id=NAME,
            group_id=GROUP,
            producer_id=self.producer_id,
            producer_epoch=self.epoch,
            topics=[TxnOffsetCommitRequestTopic(name="in", partitions=[item])],
        )
        told = await self.until_done(
            request, 5, lambda told: told.topics[0].partitions[0].error_code
        )
        assert told.topics[0].partitions[0].error_code == 0, told

    async def end(self, *, commit: bool) -> None:
        request = EndTxnRequest(
            transactional_id=NAME,
            producer_id=self.producer_id,
            producer_epoch=self.epoch,
            committed=commit,
        )
        told = await self.until_done(request, 5, lambda told: told.error_code)
        assert told.error_code == 0, told
        self.become(told)


class BrokerStory:
    """What is done, and what of it must hold afterwards."""

    survives_power_cuts = True

    def __init__(self, seed: int) -> None:
        self.files = RecordingFiles()
        self.ledger = Ledger(lambda: len(self.files.operations))
        self.broker = SimulatedBroker(Simulation(seed), TOPICS, files=self.files)
        self.clients = Clients(self.broker)
        self.chance = self.broker.simulation.chance
        self.clients.run(self._work())

    async def _work(self) -> None:
        clients = self.clients
        await self._produce(0, 2)
        for offset in (1, 2):
            self.ledger.note("committing", offset)
            await clients.commit(offset)
            self.ledger.note("committed", offset)
        self._create("gone")
        self._configure("12345678")
        await clients.init()
        for number in range(TRANSACTIONS):
            await self._transaction(number, commit=number != 1)
            await self._produce(2 + number, 1)
        self._delete("gone")
        self._create("later")
        self._configure(None)
        node = self.broker.node
        assert node is not None
        node.partitions.find("t", 0).log.roll(WALL_MS)
        node.store.checkpoint()
        for _ in range(3):
            self._configure("23456789")
            node.metadata_log.write_snapshot(WALL_MS)
        await clients.add(b"open", 0)
        await clients.add(b"open", 1)

    async def _produce(self, first: int, count: int) -> None:
        for number in range(first, first + count):
            await self.clients.produce(b"plain-%d" % number, number)
            self.ledger.note("produced", number + 1)

    async def _transaction(self, number: int, *, commit: bool) -> None:
        for index in (0, 1):
            await self.clients.add(b"txn-%d" % number, index)
        await self.clients.add_offset(number + 1)
        if commit:
            self.ledger.note(f"may be committed {number}", True)
        await self.clients.end(commit=commit)
        if commit:
            self.ledger.note(f"is committed {number}", True)

    # --- metadata

    def _command(self, records: list[Any]) -> None:
        node = self.broker.node
        assert node is not None
        told: list[KafkaError | None] = []
        node.metadata_log.append(records, WALL_MS, told.append)
        assert told == [None]

    def _create(self, name: str) -> None:
        node = self.broker.node
        assert node is not None
        self.ledger.note(f"topic {name}", "maybe")
        place = Place(1, node.store.directory_id)
        self._command(commands.create_topic(node.image, NewTopic(name, 2, 1), node.config, place))
        node.partitions.find(name, 0)
        self.ledger.note(f"topic {name}", "there")

    def _delete(self, name: str) -> None:
        node = self.broker.node
        assert node is not None
        self.ledger.note(f"topic {name}", "maybe")
        topic = node.image.topics[name]
        self._command(commands.delete_topic(topic))
        node.partitions.remove_topic(topic)
        node.store.sweep(WALL_MS)
        self.ledger.note(f"topic {name}", "gone")

    def _configure(self, value: str | None) -> None:
        self.ledger.note("configuring", value)
        self._command(
            [
                ConfigRecord(
                    resource_type=RESOURCE_TOPIC,
                    resource_name="t",
                    name="retention.ms",
                    value=value,
                )
            ]
        )
        self.ledger.note("configured", value)

    # --- what must hold

    def check(self, state: State, operation: int) -> RecordingFiles:
        """Start a broker on a state, and ask it."""
        facts = self.ledger.facts_at(operation)
        files = RecordingFiles(state.files, state.folders)
        broker = SimulatedBroker(Simulation(1), TOPICS, files=files)
        recovery = len(files.operations)
        broker.last_producer_id = self.broker.last_producer_id
        clients = Clients(broker)
        found: dict[str, int] = {}

        async def ask() -> None:
            await clients.simulation.sleep(2 * TIMEOUT_MS)
            found["t"] = await clients.committed("t")
            found["in"] = await clients.committed("in")

        clients.run(ask())
        self._check_metadata(broker, facts)
        visible = [self._visible(broker, index) for index in (0, 1)]
        committed, committing = facts.get("committed", -1), facts.get("committing", -1)
        assert found["t"] in (committed, committing), f"D6: {found}"
        self._check_transactions(visible, found["in"], facts)
        clients.run(self._go_on(clients, visible[0], facts))
        del files.operations[recovery:]
        return files

    def _check_metadata(self, broker: SimulatedBroker, facts: dict[str, object]) -> None:
        assert broker.node is not None
        image = broker.node.image
        for name in ("gone", "later"):
            known = facts.get(f"topic {name}", "gone")
            assert known == "maybe" or (known == "there") == (name in image.topics), name
            if name in image.topics:
                assert len(image.topics[name].partitions) == 2
        value = image.config(RESOURCE_TOPIC, "t").get("retention.ms")
        assert value in (facts.get("configured"), facts.get("configuring")), value

    def _visible(self, broker: SimulatedBroker, index: int) -> list[bytes]:
        """Return what a read_committed consumer sees of a partition in the end."""
        assert broker.node is not None
        log = broker.node.partitions.find("t", index).log
        assert log.last_stable_offset == log.high_watermark, "T3: a transaction hangs"
        aborted = find_aborted(log, 0, log.high_watermark)
        content = read_all(log)
        values: list[bytes] = []
        ending = {first: producer_id for producer_id, first in aborted}
        dropped: set[int] = set()
        for at, header in read_batches(content):
            dropped |= {ending[header.base_offset]} if header.base_offset in ending else set()
            if header.is_control:
                dropped.discard(header.producer_id)
            elif not (header.is_transactional and header.producer_id in dropped):
                records = iterate_records(content[at : at + header.size])
                values += [bytes(record.value or b"") for record in records]
        return values

    def _check_transactions(
        self, visible: list[list[bytes]], offset: int, facts: dict[str, object]
    ) -> None:
        done = -1
        assert not any(b"open" in values for values in visible), "T1: open data is shown"
        for number in range(TRANSACTIONS):
            there = {b"txn-%d" % number in values for values in visible}
            assert len(there) == 1, f"T2: half of transaction {number}"
            is_there = there.pop()
            if facts.get(f"is committed {number}"):
                assert is_there, f"T2: transaction {number} is gone"
            elif not facts.get(f"may be committed {number}"):
                assert not is_there, f"T1: transaction {number} is shown"
            done = number + 1 if is_there else done
        assert offset == done, f"T2: the offset is {offset}, of transactions {done}"

    async def _go_on(
        self, clients: Clients, visible: list[bytes], facts: dict[str, object]
    ) -> None:
        plain = [value for value in visible if value.startswith(b"plain")]
        produced = int(str(facts.get("produced", 0)))
        assert plain == [b"plain-%d" % number for number in range(len(plain))], "D1 or D2"
        assert len(plain) >= produced, "D1"
        before = self._end(clients)
        for number in range(max(0, len(plain) - 5), len(plain)):
            await clients.produce(b"plain-%d" % number, number)
        assert self._end(clients) == before, "D5"
        await clients.init()
        await clients.add(b"after", 0)
        await clients.end(commit=True)

    @staticmethod
    def _end(clients: Clients) -> int:
        node = clients.broker.node
        assert node is not None
        return node.partitions.find("t", 0).log.end_offset

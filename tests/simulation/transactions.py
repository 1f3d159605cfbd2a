"""A seed of transactions: copiers that are killed and doubled, a reader, a broker that crashes.

Promises, by their names in the design: T1 (nothing open or aborted shows), T2 (all or nothing,
over partitions and offsets), T3 (nothing hangs), T4 (the fenced write nothing), D5 (once each),
D6 (committed offsets do not go back), D1/D2 (what a reader saw stays).
"""

from typing import Any

from kafkacompat_protocol.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from kafkacompat_protocol.records.batch import read_batches
from kafkacompat_protocol.records.control import ControlRecordType, read_control_record
from kafkacompat_storage.log import PartitionLog
from tests.simulation.broker import SimulatedBroker
from tests.simulation.copier import GROUP, IN, OUT, TIMEOUT_MS, Copier
from tests.simulation.network import Network, TimedOut, Weather
from tests.simulation.scheduler import Simulation, Violation
from tests.support.batches import read_all
from tests.support.produced import values_of

COUNT, PARTITIONS = 25, 2
STORM_MS, CALM_MS = 12_000, 200_000
Seen = dict[tuple[int, int], bytes | None]


class Story:
    """One run, from its seed."""

    def __init__(self, seed: int) -> None:
        self.simulation = simulation = Simulation(seed)
        chance = simulation.chance
        self.is_v2 = chance.random() < 0.7
        self.broker = SimulatedBroker(simulation, {IN: 1, OUT: PARTITIONS})
        weather = Weather(
            lost=chance.choice([0, 20, 80]),
            repeated=chance.choice([0, 30, 150]),
            slow=chance.choice([0, 20, 60]),
            in_order=not self.is_v2,
        )
        self.network = Network(simulation, self.broker, weather)
        self.copiers: list[Copier] = []
        self.seen: Seen = {}
        self.is_storm = True

    def run(self) -> None:
        """Run and check. Errors: Violation, with the transcript."""
        with self.simulation.explained():
            simulation, chance = self.simulation, self.simulation.chance
            self.broker.allow_crashes(chance.randint(0, 4))
            simulation.start(self._watch())
            simulation.start(self._trouble())
            simulation.run(lambda: False, STORM_MS)
            self._calm()
            is_done = simulation.run(self._is_done, STORM_MS + CALM_MS)
            if not is_done:
                raise Violation("T3: it does not come to an end")
            simulation.run(lambda: False, simulation.now_ms + 3 * TIMEOUT_MS)
            self._check()

    def _new_copier(self) -> None:
        name = f"c{len(self.copiers)}"
        self.simulation.note(name, "starts")
        copier = Copier(self.network, name, count=COUNT, partitions=PARTITIONS, is_v2=self.is_v2)
        self.copiers.append(copier)
        self.simulation.start(copier.run())

    async def _trouble(self) -> None:
        """Start copiers; kill them, or start a second one while the first goes on."""
        chance = self.simulation.chance
        self._new_copier()
        while self.is_storm:
            await self.simulation.sleep(chance.randint(100, 4_000))
            if not self.is_storm:
                return
            living = [copier for copier in self.copiers if copier.lives]
            if living and chance.random() < 0.5:
                self.simulation.note(living[0].name, "is killed")
                living[0].stop()
            if len(self.copiers) < 12:
                self._new_copier()

    async def _watch(self) -> None:
        """Read, as a consumer with read_committed does, again and again."""
        chance = self.simulation.chance
        while self.is_storm:
            await self.simulation.sleep(chance.randint(20, 400))
            index = chance.randrange(PARTITIONS)
            try:
                told = await self.network.call("reader", _fetch(index), 11)
            except TimedOut:
                continue
            slot = told.responses[0].partitions[0]
            for offset, value in _committed(slot.records, slot.aborted_transactions or ()):
                if self.seen.setdefault((index, offset), value) != value:
                    raise Violation(f"D2: {OUT}-{index} at {offset} has changed")

    def _calm(self) -> None:
        self.is_storm = False
        self.simulation.note("calm")
        self.broker.calm()
        self.network.heal()
        for copier in self.copiers:
            copier.stop()
        self._new_copier()

    def _is_done(self) -> bool:
        """Whether all is copied; a copier that an older one took down is replaced."""
        if not self.copiers[-1].lives and len(self.copiers) < 40:
            if self._position() >= COUNT:
                return True
            self._new_copier()
        return False

    def _position(self) -> int:
        node = self.broker.node
        if node is None:
            return -1
        offsets = node.groups.shard(GROUP).offsets
        return max((found.offset for found in offsets.of(GROUP).values()), default=-1)

    # --- in the end

    def _check(self) -> None:
        node = self.broker.node
        assert node is not None
        if self._position() != COUNT:
            raise Violation(f"T2: offset {self._position()} is committed instead of {COUNT}")
        found: list[bytes | None] = []
        for index in range(PARTITIONS):
            log = node.partitions.find(OUT, index).log
            if log.last_stable_offset != log.high_watermark:
                raise Violation(f"T3: a transaction hangs in {OUT}-{index}")
            _check_producers(log)
            shown = _read_committed(log)
            for (seen_index, offset), value in self.seen.items():
                if seen_index == index and shown.get(offset) != value:
                    raise Violation(f"T1: {OUT}-{index} showed {value!r} at {offset}")
            values = list(shown.values())
            expected = [b"%d" % number for number in range(index, COUNT, PARTITIONS)]
            if values != expected:
                raise Violation(f"T2: {OUT}-{index} has {values}")
            found += values
        self.simulation.note("all is well:", len(found), "records")


def _fetch(index: int) -> FetchRequest:
    part = FetchPartition(partition=index, fetch_offset=0, partition_max_bytes=1 << 20)
    return FetchRequest(
        max_wait_ms=0,
        min_bytes=0,
        isolation_level=1,
        topics=[FetchTopic(topic=OUT, partitions=[part])],
    )


def _committed(records: Any, aborted: Any) -> list[tuple[int, bytes | None]]:
    """Return what a consumer shows of an answer with read_committed."""
    content = bytes(records or b"")
    starts = sorted((entry.first_offset, entry.producer_id) for entry in aborted)
    open_aborted: set[int] = set()
    shown: list[tuple[int, bytes | None]] = []
    for at, header in read_batches(content):
        while starts and starts[0][0] <= header.base_offset:
            open_aborted.add(starts.pop(0)[1])
        part = content[at : at + header.size]
        if header.is_control:
            if read_control_record(part).type == ControlRecordType.ABORT:
                open_aborted.discard(header.producer_id)
        elif header.producer_id not in open_aborted:
            shown += values_of(part)
    return shown


def _read_committed(log: PartitionLog) -> dict[int, bytes | None]:
    """Return the records of committed transactions, by the markers in the log alone."""
    content = read_all(log)
    pending: dict[int, dict[int, bytes | None]] = {}
    shown: dict[int, bytes | None] = {}
    for at, header in read_batches(content):
        part = content[at : at + header.size]
        if not header.is_control:
            pending.setdefault(header.producer_id, {}).update(values_of(part))
            continue
        held = pending.pop(header.producer_id, {})
        if read_control_record(part).type == ControlRecordType.COMMIT:
            shown.update(held)
    return dict(sorted(shown.items()))


def _check_producers(log: PartitionLog) -> None:
    """T4: epochs of a producer only rise. D5: no sequence number is there twice."""
    newest: dict[int, int] = {}
    seen: set[tuple[int, int, int]] = set()
    for _, header in read_batches(read_all(log)):
        if header.producer_epoch < newest.get(header.producer_id, -1):
            raise Violation(f"T4: an older epoch at {header.base_offset} of {log.topic}")
        newest[header.producer_id] = header.producer_epoch
        if header.is_control:
            continue
        place = (header.producer_id, header.producer_epoch, header.base_sequence)
        if place in seen:
            raise Violation(f"D5: sequence {place} twice in {log.topic}")
        seen.add(place)

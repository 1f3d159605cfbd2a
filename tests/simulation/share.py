"""A seed of share groups: members that accept, release, reject, forget and die.

Promises: a record is with one member at a time; what was finally said of it and answered stays
said, whatever crashes; its delivery count rises; none is lost, and nothing is stuck.
"""

from kafkacompat.metadata.image import RESOURCE_GROUP
from tests.simulation.broker import SimulatedBroker
from tests.simulation.network import Network, TimedOut, Weather
from tests.simulation.scheduler import Simulation, Violation
from tests.simulation.share_consumers import (
    GROUP,
    LIMIT,
    LOCK_MS,
    PARTITIONS,
    TOPIC,
    ShareConsumer,
    ShareLedger,
)
from tests.support.produced import batch, produce_request

STORM_MS, CALM_MS, RECORDS, MOST_MEMBERS = 8_000, 60_000, 40, 10
CONFIG = {
    "share.auto.offset.reset": "earliest",
    "share.record.lock.duration.ms": str(LOCK_MS),
    "share.delivery.count.limit": str(LIMIT),
}


class Story:
    """One run, from its seed."""

    def __init__(self, seed: int) -> None:
        self.simulation = simulation = Simulation(seed)
        chance = simulation.chance
        self.broker = SimulatedBroker(simulation, {TOPIC: PARTITIONS}, on_start=_configure)
        weather = Weather(
            lost=chance.choice([0, 20, 80]),
            slow=chance.choice([0, 20, 60]),
            repeated=0,
            in_order=True,
        )
        self.network = Network(simulation, self.broker, weather)
        self.ledger = ShareLedger(simulation)
        self.broker.observe = self.ledger.observe
        self.broker.on_crash = self.ledger.crashed
        self.members: list[ShareConsumer] = []
        self.is_storm = True

    def run(self) -> None:
        """Run and check. Errors: Violation, with the transcript."""
        with self.simulation.explained():
            simulation = self.simulation
            self.broker.allow_crashes(simulation.chance.randint(0, 4))
            simulation.start(self._produce())
            simulation.start(self._trouble())
            simulation.run(lambda: bool(self.ledger.violations), STORM_MS)
            self.is_storm = False
            simulation.note("calm")
            self.broker.calm()
            self.network.heal()
            for member in self.members:
                member.kill()
            self._new_member(accepts_all=True)
            is_done = simulation.run(
                lambda: bool(self.ledger.violations) or self._is_done(), STORM_MS + CALM_MS
            )
            if self.ledger.violations:
                raise Violation(self.ledger.violations[0])
            if not is_done:
                raise Violation(f"these are lost or stuck: {sorted(self._left())}")
            simulation.note("all is well:", len(self.ledger.done), "records")

    def _new_member(self, *, accepts_all: bool = False) -> None:
        name = f"m{len(self.members)}"
        self.simulation.note(name, "starts")
        member = ShareConsumer(self.network, name, self.ledger, accepts_all=accepts_all)
        self.members.append(member)
        self.simulation.start(member.run())

    async def _produce(self) -> None:
        """Write records; one whose answer is lost is written again, as another record."""
        chance = self.simulation.chance
        for number in range(RECORDS):
            await self.simulation.sleep(chance.randint(1, 200))
            records = batch(b"%d" % number)
            request = produce_request(records, topic=TOPIC, index=chance.randrange(PARTITIONS))
            try:
                await self.network.call("producer", request, 8)
            except TimedOut:
                continue

    async def _trouble(self) -> None:
        chance = self.simulation.chance
        self._new_member()
        while self.is_storm:
            await self.simulation.sleep(chance.randint(100, 1_500))
            if not self.is_storm:
                return
            living = [member for member in self.members if member.lives]
            if living and chance.random() < 0.4:
                member = chance.choice(living)
                self.simulation.note(member.name, "is killed")
                member.kill()
            elif len(self.members) < MOST_MEMBERS:
                self._new_member()

    # --- in the end

    def _left(self) -> set[tuple[int, int]]:
        """Return the records of which nothing final was said."""
        node = self.broker.node
        if node is None:
            return {(-1, -1)}
        every = {
            (index, offset)
            for index in range(PARTITIONS)
            for offset in range(node.partitions.find(TOPIC, index).log.high_watermark)
        }
        return every - self.ledger.done.keys() - self.ledger.perhaps - self.ledger.spent

    def _is_done(self) -> bool:
        return not self._left()


def _configure(node: object) -> None:
    node.image.configs[RESOURCE_GROUP, GROUP] = dict(CONFIG)  # type: ignore[attr-defined]

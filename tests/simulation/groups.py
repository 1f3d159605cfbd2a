"""A seed of groups: members of both protocols come and go, so that the group changes its kind.

Promises: a partition has at most one owner in an epoch, and nobody gets what another still has
to give back; members that stand still share everything between them; D6.
"""

from kafkacompat.coordinator.groups.classic import ClassicGroup
from kafkacompat.coordinator.groups.consumer.group import ConsumerGroup
from tests.simulation.broker import SimulatedBroker
from tests.simulation.members import (
    GROUP,
    PARTITIONS,
    REBALANCE_MS,
    SESSION_MS,
    TOPIC,
    ClassicModel,
    ConsumerModel,
    Ledger,
    Member,
)
from tests.simulation.network import Network, Weather
from tests.simulation.scheduler import Simulation, Violation

STORM_MS, CALM_MS, MOST_MEMBERS = 8_000, 60_000, 12
SETTINGS = {
    "group.consumer.session.timeout.ms": str(SESSION_MS),
    "group.consumer.heartbeat.interval.ms": "200",
    "group.min.session.timeout.ms": "100",
}


class Story:
    """One run, from its seed."""

    def __init__(self, seed: int) -> None:
        self.simulation = simulation = Simulation(seed)
        chance = simulation.chance
        self.broker = SimulatedBroker(simulation, {TOPIC: PARTITIONS}, settings=SETTINGS)
        weather = Weather(
            lost=chance.choice([0, 20, 80]),
            repeated=chance.choice([0, 30, 150]),
            slow=chance.choice([0, 20, 60]),
            in_order=True,  # what a member says it has is true of that moment only
        )
        self.network = Network(simulation, self.broker, weather)
        self.orderly = Network(simulation, self.broker, Weather(lost=weather.lost, in_order=True))
        self.classic_share = chance.choice([0.0, 0.0, 0.5, 0.5, 1.0])
        self.ledger = Ledger()
        self.members: list[Member] = self.ledger.members
        self.is_storm = True

    def run(self) -> None:
        """Run and check. Errors: Violation, with the transcript."""
        with self.simulation.explained():
            simulation = self.simulation
            self.broker.allow_crashes(simulation.chance.randint(0, 4))
            simulation.start(self._trouble())
            simulation.run(self._is_broken, STORM_MS)
            self.is_storm = False
            simulation.note("calm")
            self.broker.calm()
            for network in (self.network, self.orderly):
                network.heal()
            if not any(member.lives and not member.leaves for member in self.members):
                self._new_member()
            is_settled = simulation.run(
                lambda: self._is_broken() or self._is_settled(), STORM_MS + CALM_MS
            )
            self._raise_violations()
            if not is_settled:
                raise Violation("members that stand still do not come to share everything")
            simulation.run(self._is_broken, simulation.now_ms + 2_000)
            self._raise_violations()
            self._check_offsets()
            simulation.note("all is well")

    def _new_member(self) -> None:
        is_classic = self.simulation.chance.random() < self.classic_share
        kind = ClassicModel if is_classic else ConsumerModel
        name = f"{'k' if is_classic else 'c'}{len(self.members)}"
        member = kind(self.network, self.orderly, name, self.ledger)
        self.members.append(member)
        self.simulation.note(name, "starts")
        self.simulation.start(member.run())

    async def _trouble(self) -> None:
        chance = self.simulation.chance
        self._new_member()
        while self.is_storm:
            await self.simulation.sleep(chance.randint(100, 1_500))
            if not self.is_storm:
                return
            living = [member for member in self.members if member.lives and not member.leaves]
            if living and chance.random() < 0.4:
                member = chance.choice(living)
                if chance.random() < 0.5:
                    self.simulation.note(member.name, "is killed")
                    member.lives = False
                else:
                    member.leaves = True
            elif len(self.members) < MOST_MEMBERS:
                self._new_member()

    # --- what must be true

    def _is_broken(self) -> bool:
        """Look at the group as it is: nobody may hold what another holds."""
        if self.ledger.violations:
            return True
        group = self._group()
        if isinstance(group, ConsumerGroup):
            held = [place for member in group.members.values() for place in member.holds]
            if len(held) != len(set(held)):
                self.ledger.violations.append("two members hold the same partition")
                return True
        return False

    def _raise_violations(self) -> None:
        if self.ledger.violations:
            raise Violation(self.ledger.violations[0])

    def _group(self) -> ConsumerGroup | ClassicGroup | None:
        node = self.broker.node
        if node is None:
            return None
        shards = node.groups.loaded_shards()
        return next((shard.groups[GROUP] for shard in shards if GROUP in shard.groups), None)

    def _is_settled(self) -> bool:
        """Whether all partitions are with living members, each with one."""
        living = [member for member in self.members if member.lives and not member.leaves]
        owned = [index for member in living for index in member.owned]
        if sorted(owned) != list(range(PARTITIONS)):
            return False
        group = self._group()
        if group is None or len(group.members) != len(living):
            return False
        state = group.state if isinstance(group, ConsumerGroup) else group.state.value
        return state == "Stable" and self.simulation.now_ms > STORM_MS + SESSION_MS + REBALANCE_MS

    def _check_offsets(self) -> None:
        node = self.broker.node
        assert node is not None
        committed = node.groups.shard(GROUP).offsets.of(GROUP)
        for where, found in committed.items():
            self.ledger.found(where.partition, found.offset)
        self._raise_violations()

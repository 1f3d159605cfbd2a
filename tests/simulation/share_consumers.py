"""Model members of a share group, and what must be true of what they are given."""

from typing import Any, NamedTuple

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.share_acknowledge import (
    AcknowledgementBatch,
    AcknowledgePartition,
    AcknowledgeTopic,
    ShareAcknowledgeRequest,
)
from kafkacompat_protocol.messages.share_fetch import (
    ShareFetchAcknowledgementBatch,
    ShareFetchPartition,
    ShareFetchRequest,
    ShareFetchTopic,
)
from tests.simulation.network import Network, TimedOut

GROUP, TOPIC, PARTITIONS = "s", "q", 2
LOCK_MS, LIMIT, MAX_WAIT_MS = 1_000, 10, 250
ACCEPT, RELEASE, REJECT = 1, 2, 3
FINAL = frozenset({ACCEPT, REJECT})
Place = tuple[int, int]
"""A record: partition and offset."""
Given = dict[Place, int]
"""What a member says of records."""


class Hold(NamedTuple):
    """Who has a record, since when, and how often it was given out."""

    member: str
    since_ms: int
    count: int


class ShareLedger:
    """What the broker has given out and answered. It looks at answers as they leave."""

    def __init__(self, simulation: Any) -> None:
        self.simulation = simulation
        self.holds: dict[Place, Hold] = {}
        self.counts: dict[Place, int] = {}
        """How often a record was given out, as far as this life of the broker can know."""
        self.done: dict[Place, int] = {}
        """What was finally said of a record, and answered."""
        self.perhaps: set[Place] = set()
        """Records of which something final was said that was not answered before a crash."""
        self.spent: set[Place] = set()
        """Records that were given out as often as they may be."""
        self.violations: list[str] = []
        self._in_flight: dict[int, tuple[str, int, Given]] = {}
        """By request: whose it is, since when it is served, and what it says."""

    def observe(self, client: str, request: Any, response: Any) -> None:
        """Take in a request that is served, or its answer."""
        if not isinstance(request, ShareFetchRequest | ShareAcknowledgeRequest):
            return
        if response is None:
            said = given_by(request)
            self._in_flight[id(request)] = client, self.simulation.now_ms, said
            for place in said:
                if self._has(client, place):
                    del self.holds[place]  # others may get it before this is answered
            return
        nothing: tuple[str, int, Given] = (client, self.simulation.now_ms, {})
        _, since_ms, said = self._in_flight.pop(id(request), nothing)
        failed = refused_in(response)
        for place, what in said.items():
            if place[0] not in failed:
                hold = self.holds.get(place)
                if what in FINAL:
                    if hold is not None and hold.member != client:
                        self._broken(f"{client} has the last word on {place}, {hold.member} has it")
                    self.done[place] = what
            elif what in FINAL:
                self.perhaps.add(place)
        if isinstance(request, ShareFetchRequest):
            for place, count in acquired_in(response).items():
                self._acquired(client, place, count, since_ms)

    def _has(self, client: str, place: Place) -> bool:
        hold = self.holds.get(place)
        return hold is not None and hold.member == client

    def _acquired(self, client: str, place: Place, count: int, since_ms: int) -> None:
        self.simulation.note("broker gives", client, place, count)
        hold = self.holds.get(place)
        if place in self.done:
            self._broken(f"{place} comes back after {self.done[place]} was answered")
        if hold is not None and self.simulation.now_ms < hold.since_ms + LOCK_MS:
            self._broken(f"{place} is with {hold.member}, and {client} gets it")
        if count <= self.counts.get(place, 0):
            self._broken(f"{place} has delivery count {count} after {self.counts[place]}")
        self.counts[place] = count
        if count >= LIMIT:
            self.spent.add(place)
        self.holds[place] = Hold(client, since_ms, count)

    def _broken(self, why: str) -> None:
        self.violations.append(why)

    def released(self, client: str) -> None:
        """A member's connection has ended: it has nothing any more, and gets no answer."""
        self._give_up(client)
        self.holds = {p: hold for p, hold in self.holds.items() if hold.member != client}

    def crashed(self) -> None:
        """The broker died: nobody has anything, and what was not answered may have happened."""
        self.holds.clear()
        self.counts.clear()
        self._give_up(None)

    def _give_up(self, client: str | None) -> None:
        """What is not answered yet will not be, but may have been done."""
        for number, (whose, _, said) in list(self._in_flight.items()):
            if client in (None, whose):
                del self._in_flight[number]
                self.perhaps.update(place for place, what in said.items() if what in FINAL)


def given_by(request: Any) -> Given:
    """Return what a request says of records."""
    return {
        (part_index(part), offset): batch.acknowledge_types[0]
        for topic in request.topics
        for part in topic.partitions
        for batch in part.acknowledgement_batches
        for offset in range(batch.first_offset, batch.last_offset + 1)
    }


def part_index(part: Any) -> int:
    index: int = part.partition_index
    return index


def refused_in(response: Any) -> set[int]:
    """Return the partitions of which what was said does not count."""
    if response.error_code:
        return set(range(PARTITIONS))
    name = "acknowledge_error_code" if hasattr(response, "node_endpoints") else "error_code"
    return {
        part.partition_index
        for topic in response.responses
        for part in topic.partitions
        if getattr(part, name, part.error_code)
    }


def acquired_in(response: Any) -> dict[Place, int]:
    """Return the records that an answer gives, with their delivery counts."""
    return {
        (part.partition_index, offset): run.delivery_count
        for topic in response.responses
        for part in topic.partitions
        for run in part.acquired_records
        for offset in range(run.first_offset, run.last_offset + 1)
    }


class ShareConsumer:
    """A member: it fetches, and says of each record what becomes of it."""

    def __init__(
        self, network: Network, name: str, ledger: ShareLedger, *, accepts_all: bool = False
    ) -> None:
        self.network = network
        self.simulation = network.simulation
        self.name = name
        self.ledger = ledger
        self.accepts_all = accepts_all
        self.epoch = 0
        self.session = 0
        """How many sessions there were before."""
        self.to_say: Given = {}
        self.lives = True

    async def run(self) -> None:
        """Consume until killed."""
        while self.lives:
            topic_id = self._topic_id()
            if topic_id is None:
                await self.simulation.sleep(30)
            elif self.to_say and self.simulation.chance.random() < 0.5:
                await self._acknowledge(topic_id)
            else:
                await self._fetch(topic_id)
            await self.simulation.sleep(self.simulation.chance.randint(1, 40))

    def kill(self) -> None:
        """Die: the connection ends."""
        self.lives = False
        self._reconnect()

    def _topic_id(self) -> bytes | None:
        node = self.network.broker.node
        return None if node is None else node.image.topics[TOPIC].topic_id

    def _reconnect(self) -> None:
        self.epoch, self.to_say = 0, {}
        self.session += 1
        self.ledger.released(self.name)
        self.network.hang_up(self.name)

    async def _ask(self, request: Any, said: Given) -> Any | None:
        """Send a request; None if it is lost, and the connection with it."""
        try:
            told = await self.network.call(self.name, request, 2, MAX_WAIT_MS + 500)
        except TimedOut:
            if self.lives:
                self._reconnect()
            return None
        self.to_say = {p: what for p, what in self.to_say.items() if p not in said}
        if told.error_code:
            self.simulation.note(self.name, ErrorCode(told.error_code).name)
            self._reconnect()
            return None
        self.epoch += 1
        return told

    async def _fetch(self, topic_id: bytes) -> None:
        said = self.to_say if self.epoch else {}
        topic = ShareFetchTopic(
            topic_id=topic_id,
            partitions=[
                ShareFetchPartition(
                    partition_index=index,
                    acknowledgement_batches=[
                        ShareFetchAcknowledgementBatch(
                            first_offset=offset, last_offset=offset, acknowledge_types=[what]
                        )
                        for (where, offset), what in sorted(said.items())
                        if where == index
                    ],
                )
                for index in range(PARTITIONS)
            ],
        )
        most = self.simulation.chance.randint(1, 6)
        request = ShareFetchRequest(
            group_id=GROUP,
            member_id=self.name,
            share_session_epoch=self.epoch,
            max_wait_ms=MAX_WAIT_MS,
            min_bytes=1,
            max_bytes=1 << 20,
            max_records=most,
            batch_size=most,
            topics=[topic],
        )
        told = await self._ask(request, dict(said))
        if told is not None:
            found = acquired_in(told)
            if found:
                self.simulation.note(self.name, "gets", found)
            for place in found:
                self._decide(place)

    def _decide(self, place: Place) -> None:
        number = 0.0 if self.accepts_all else self.simulation.chance.random()
        if number < 0.75:
            self.to_say[place] = ACCEPT
        elif number < 0.87:
            self.to_say[place] = RELEASE
        elif number < 0.92:
            self.to_say[place] = REJECT
        else:  # too late, when it may be with another
            session = self.session
            self.simulation.after(
                LOCK_MS + self.simulation.chance.randint(0, 900),
                lambda: self._say_late(session, place),
            )

    def _say_late(self, session: int, place: Place) -> None:
        if self.lives and session == self.session:
            self.to_say.setdefault(place, ACCEPT)

    async def _acknowledge(self, topic_id: bytes) -> None:
        said = dict(self.to_say)
        topic = AcknowledgeTopic(
            topic_id=topic_id,
            partitions=[
                AcknowledgePartition(
                    partition_index=index,
                    acknowledgement_batches=[
                        AcknowledgementBatch(
                            first_offset=offset, last_offset=offset, acknowledge_types=[what]
                        )
                        for (where, offset), what in sorted(said.items())
                        if where == index
                    ],
                )
                for index in sorted({where for where, _ in said})
            ],
        )
        request = ShareAcknowledgeRequest(
            group_id=GROUP, member_id=self.name, share_session_epoch=self.epoch, topics=[topic]
        )
        await self._ask(request, said)

"""Random histories of share group members, told to Apache Kafka and to this broker alike.

    python compat-tests/share_histories.py [--seeds 20] [--steps 150]

Members fetch in both modes, accept, release, reject, speak of what is not theirs, and go. After
every step both must have given the same records, with the same counts, and the same errors.

The limit of deliveries is at its highest, as what has failed often is given in smaller lots, which
are not the same. Released records come from ShareAcknowledge only: what is released with a fetch
is available to that fetch here, and to the next in Kafka.
"""

import argparse
import random
import sys
import tempfile
import time
import uuid
from base64 import urlsafe_b64encode
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "protocol"))
sys.path.insert(0, str(Path(__file__).parents[1] / "storage"))
sys.path.insert(0, str(Path(__file__).parent / "kafka_home"))

import kafka_home

from kafkacompat_protocol.messages.alter_share_group_offsets import (
    AlterShareGroupOffsetsRequest,
    AlterShareGroupOffsetsRequestPartition,
    AlterShareGroupOffsetsRequestTopic,
)
from kafkacompat_protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from tests.support.node import WireClient, running_node
from tests.support.produced import batch, produce_request
from tests.support.sharing import ACCEPT, GAP, REJECT, RELEASE, Member

SETTINGS = {
    "group.share.delivery.count.limit": "10",
    "group.share.record.lock.duration.ms": "60000",
    "share.coordinator.state.topic.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
}
MAX_RELEASED_COUNT = 3
"""From 5 deliveries on records are given in smaller lots."""
MAX_BATCHES, MAX_BATCH, FIRST_BATCHES = 25, 12, 8
WAIT_MS = 300
MAX_FETCHES = 3
"""Kafka sometimes has nothing within the time of one fetch, though records are available."""
PATIENCE_S = 30
Address = tuple[str, int]
Told = list[tuple[int, int, list[int]]]


class Side:
    """One broker, and the two members of a group on it."""

    def __init__(self, address: Address, name: str) -> None:
        self.address = address
        self.name = name
        self.wire = WireClient(address)
        topic = CreatableTopic(
            name=name, num_partitions=1, replication_factor=1, assignments=[], configs=[]
        )
        self.wire.call(CreateTopicsRequest(topics=[topic], timeout_ms=10_000), 7)
        self.topic_id = self._begin()
        self.members = [self.member() for _ in range(2)]

    def client(self) -> WireClient:
        """Return a new connection."""
        return WireClient(self.address)

    def close(self) -> None:
        self.wire.close()
        for member in self.members:
            member.client.close()

    def member(self) -> Member:
        """Return a member that has not asked for anything yet."""
        member_id = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        return Member(self, self.topic_id, member_id, group_id=self.name)

    def _begin(self) -> bytes:
        """Have the group begin at 0, as soon as the topic is there; return its id."""
        part = AlterShareGroupOffsetsRequestPartition(partition_index=0, start_offset=0)
        topic = AlterShareGroupOffsetsRequestTopic(topic_name=self.name, partitions=[part])
        request = AlterShareGroupOffsetsRequest(group_id=self.name, topics=[topic])
        give_up = time.monotonic() + PATIENCE_S
        while True:
            self.wire.call(FindCoordinatorRequest(coordinator_keys=[self.name]), 6)
            answer = self.wire.call(request, 0)
            codes = [p.error_code for t in answer.responses for p in t.partitions]
            if not answer.error_code and codes == [0]:
                topic_id: bytes = answer.responses[0].topic_id
                return topic_id
            assert time.monotonic() < give_up, answer
            time.sleep(0.05)

    def produce(self, count: int) -> None:
        """Append a batch, of records that retention leaves alone."""
        records = batch(*[b"v"] * count, timestamp=time.time_ns() // 1_000_000)
        answer = self.wire.call(produce_request(records, topic=self.name), 8)
        assert answer.responses[0].partition_responses[0].error_code == 0


@dataclass(slots=True)
class History:
    """The same members on several brokers, and what they have there."""

    sides: list[Side]
    chance: random.Random
    held: list[dict[int, int]] = field(default_factory=lambda: [{}, {}])
    """By member: offset and delivery count."""
    told: list[str] = field(default_factory=list)
    batches: int = 0

    def produce(self) -> None:
        """Append a batch to each, while there are not too many."""
        if self.batches < MAX_BATCHES:
            self.batches += 1
            count = self.chance.randint(1, MAX_BATCH)
            for side in self.sides:
                side.produce(count)

    def fetch(self, who: int) -> list[Any]:
        """Fetch, and accept or reject something with it."""
        is_strict = self.chance.random() < 0.5
        fields = {
            "max_wait_ms": WAIT_MS,
            "max_records": self.chance.randint(1, 20) if is_strict else 500,
            "share_acquire_mode": int(is_strict),
        }
        has_session = self.sides[0].members[who].epoch > 0
        told = self._choose(who, [GAP, ACCEPT, REJECT]) if has_session else []
        answers = [_fetched(side.members[who], told, fields) for side in self.sides]
        self.held[who].update(answers[0][2])
        return answers

    def acknowledge(self, who: int) -> list[Any]:
        """Say something of what a member has."""
        if not self.sides[0].members[who].epoch:
            return []
        told = self._choose(who, [GAP, ACCEPT, ACCEPT, RELEASE, RELEASE, RELEASE, REJECT])
        return self._acknowledge(who, told) if told else []

    def misspeak(self, who: int) -> list[Any]:
        """Accept what the member may not have."""
        if not self.sides[0].members[who].epoch:
            return []
        first = self.chance.randint(0, 60)
        last = first + self.chance.randint(0, 3)
        answers = self._acknowledge(who, [(first, last, [ACCEPT])])
        if answers[0][1] == [(0, None)]:
            for offset in range(first, last + 1):
                self.held[who].pop(offset, None)
        return answers

    def leave(self, who: int) -> list[Any]:
        """End the member's session; all it has is free."""
        counts = self.held[who].values()
        if not self.sides[0].members[who].epoch or max(counts, default=0) >= MAX_RELEASED_COUNT:
            return []
        told = self._choose(who, [ACCEPT, REJECT])
        answers = self._acknowledge(who, told, share_session_epoch=-1)
        self.held[who] = {}
        for side in self.sides:
            side.members[who].epoch = 0
        time.sleep(0.05)  # Kafka releases behind the answer
        return answers

    def _acknowledge(self, who: int, told: Told, **fields: Any) -> list[Any]:
        self.told.append(f"{who} {told}")
        return [
            (answer.error_code, [(p.error_code, p.error_message) for p in _partitions(answer)])
            for answer in (side.members[who].acknowledge(*told, **fields) for side in self.sides)
        ]

    def _choose(self, who: int, verdicts: list[int]) -> Told:
        """Choose neighbours of what a member has, and what it says of them."""
        mine = sorted(self.held[who])
        if not mine or self.chance.random() < 0.3:
            return []
        low = high = self.chance.randrange(len(mine))
        while high + 1 < len(mine) and mine[high + 1] == mine[high] + 1:
            if self.chance.random() < 0.15:
                break
            high += 1
        offsets = mine[low : high + 1]
        each = [self.chance.choice(verdicts) for _ in offsets]
        if self.chance.random() < 0.4:
            each = each[:1]
        if any(self.held[who][offset] >= MAX_RELEASED_COUNT for offset in offsets):
            each = [ACCEPT if verdict == RELEASE else verdict for verdict in each]
        for offset in offsets:
            del self.held[who][offset]
        return [(offsets[0], offsets[-1], each)]

    def step(self) -> str:
        """Do something; return how the answers differ, if they do."""
        who = self.chance.randrange(2)
        what = self.chance.choice(["fetch"] * 4 + ["acknowledge"] * 6 + ["produce", "misspeak"])
        if self.chance.random() < 0.02:
            what = "leave"
        self.told.append(f"{who} {what}")
        if what == "produce":
            self.produce()
            return ""
        answers: list[Any] = getattr(self, what)(who)
        if len(answers) < 2 or answers[0] == answers[1]:
            return ""
        return f"{self.told[-2:]}: {answers[0]} and {answers[1]}"


def _partitions(answer: Any) -> list[Any]:
    return [part for topic in answer.responses for part in topic.partitions]


def _fetched(
    member: Member, told: Told, fields: dict[str, Any]
) -> tuple[int, list[tuple[int, int]], dict[int, int]]:
    """Fetch; return the errors, and the delivery count of each acquired offset."""
    counts: dict[int, int] = {}
    errors: list[tuple[int, int]] = []
    for _ in range(MAX_FETCHES):
        answer = member.fetch(told, **fields)
        told = []
        for part in _partitions(answer):
            if part.error_code or part.acknowledge_error_code:
                errors.append((part.error_code, part.acknowledge_error_code))
            for found in part.acquired_records:
                offsets = range(found.first_offset, found.last_offset + 1)
                counts |= dict.fromkeys(offsets, found.delivery_count)
        if counts or answer.error_code:
            break
    return answer.error_code, errors, counts


def tell(addresses: list[Address], seed: int, steps: int) -> str:
    """Tell a history; return how the answers differ, if they do."""
    name = f"share-{seed}-{uuid.uuid4().hex[:8]}"
    with ExitStack() as stack:
        sides = [Side(each, name) for each in addresses]
        for side in sides:
            stack.callback(side.close)
        history = History(sides, random.Random(seed))
        for _ in range(FIRST_BATCHES):
            history.produce()
        for number in range(steps):
            difference = history.step()
            if difference:
                return f"seed {seed}, step {number}: {difference}"
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description="Share histories, told to Kafka and to us")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--steps", type=int, default=150)
    wanted = parser.parse_args()
    home = kafka_home.build("4.3.1")
    with (
        tempfile.TemporaryDirectory() as folder,
        kafka_home.running_broker(home, Path(folder), settings=SETTINGS) as kafka,
        running_node(SETTINGS) as broker,
    ):
        addresses = [("127.0.0.1", kafka.port), broker.address]
        found = [tell(addresses, seed, wanted.steps) for seed in range(wanted.seeds)]
    different = [text for text in found if text]
    print("\n".join(different))
    print(f"{len(found) - len(different)} of {len(found)} histories are the same")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()

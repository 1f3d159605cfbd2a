"""What is too old or too much goes: a round over all partitions, opened or not.

The loop is held for a few milliseconds at a time; what may block is found out in a thread. A
partition that nobody has used since the start is opened only if something of it is to go.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from kafkacompat.config import keys
from kafkacompat.partitions.slices import Slices
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_storage.retention import Expiry, Limits, Unopened, look_at
from kafkacompat_storage.segments import Segment

if TYPE_CHECKING:
    from kafkacompat.broker import Node

log = logging.getLogger("kafkacompat.partitions")

AT_A_TIME = 200
"""Partitions that a thread looks at before the loop acts on them."""


class _Candidate(NamedTuple):
    topic: str
    partition: int
    limits: Limits


class Retention:
    """The rounds of a node, one at a time."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._round_lock = asyncio.Lock()
        self._is_begun = False
        self._unopened: dict[tuple[str, int], tuple[bytes, Unopened]] = {}
        """What is known of partitions that were not opened, by place, with the topic's id."""

    def begin(self) -> None:
        """Begin a round, unless one is under way."""
        if not self._is_begun:
            self._is_begun = True
            self._node.spawn(self._begun())

    async def _begun(self) -> None:
        try:
            await self.run()
        finally:
            self._is_begun = False

    async def run(self) -> None:
        """Have everything that is too old or too much removed, after a round that is under way."""
        async with self._round_lock:
            batch: list[_Candidate] = []
            async for candidate in self._candidates():
                batch.append(candidate)
                if len(batch) == AT_A_TIME:
                    await self._round(batch)
                    batch = []
            await self._round(batch)
        self._node.upkeep.sweep_soon()

    async def _candidates(self) -> AsyncIterator[_Candidate]:
        """Yield the partitions of topics that delete, by their limits of now."""
        slices = Slices(self._node)
        for name, topic in list(self._node.image.topics.items()):
            config = self._node.partitions.topic_config(name)
            if "delete" not in config.get(keys.CLEANUP_POLICY):
                continue
            limits = Limits(config.get(keys.RETENTION_MS), config.get(keys.RETENTION_BYTES))
            if limits.retention_ms < 0 and limits.retention_bytes < 0:
                continue
            for index in list(topic.partitions):
                await slices.pause_if_due()
                yield _Candidate(name, index, limits)

    async def _round(self, candidates: list[_Candidate]) -> None:
        now_ms = self._node.clock.wall_ms()
        await self._open_what_may_expire(candidates, now_ms)
        partitions = self._node.partitions
        expiries = [
            Expiry(partition.log, candidate.limits)
            for candidate in candidates
            if (partition := partitions.if_open(candidate.topic, candidate.partition)) is not None
        ]
        if expiries:
            await self._node.in_thread(partial(_find_all, expiries, now_ms))
        slices = Slices(self._node)
        for expiry in expiries:
            if expiry.count:
                await slices.pause_if_due()
                _apply(expiry, self._node.clock.wall_ms())

    async def _open_what_may_expire(self, candidates: list[_Candidate], now_ms: int) -> None:
        """Open those of which something is to go, as far as can be told from outside."""
        node = self._node
        closed: list[tuple[_Candidate, bytes]] = []
        new: list[tuple[tuple[str, int], bytes, str]] = []
        for candidate in candidates:
            place = (candidate.topic, candidate.partition)
            topic = node.image.topics.get(candidate.topic)
            if topic is None or node.partitions.if_open(*place) is not None:
                self._unopened.pop(place, None)
                continue
            if node.store.opens_at_once:
                if node.store.size_of(*place):
                    self._open(candidate)
                continue
            closed.append((candidate, topic.topic_id))
            known = self._unopened.get(place)
            if known is None or known[0] != topic.topic_id:
                new.append((place, topic.topic_id, node.store.folder_of(*place)))
        if new:
            found = await node.in_thread(lambda: [_look(node, folder) for _, _, folder in new])
            for (place, topic_id, _), facts in zip(new, found, strict=True):
                self._unopened[place] = (topic_id, facts)
        for candidate, topic_id in closed:
            known = self._unopened.get((candidate.topic, candidate.partition))
            if known is None or known[0] != topic_id:
                continue
            if known[1].may_expire(candidate.limits, now_ms):
                await node.give_way()
                self._open(candidate)

    def _open(self, candidate: _Candidate) -> None:
        try:
            self._node.partitions.find(candidate.topic, candidate.partition)
        except KafkaError:
            pass  # It is gone, or cannot be read: that is said where it is tried first.


def _look(node: "Node", folder: str) -> Unopened:
    try:
        return look_at(node.store.files, folder)
    except OSError:
        return Unopened(0, 0, -1)


def _find_all(expiries: list[Expiry], now_ms: int) -> None:
    for expiry in expiries:
        try:
            expiry.find(now_ms)
        except (OSError, KafkaError) as error:
            log.error("%s-%d: %s", expiry.log.topic, expiry.log.partition, error)


def _apply(expiry: Expiry, now_ms: int) -> None:
    try:
        gone = expiry.apply(now_ms)
    except KafkaError as error:
        log.error("%s-%d: %s", expiry.log.topic, expiry.log.partition, error)
        return
    if gone:
        log.info(
            "%s-%d: deleted %d segments, %d bytes, up to offset %d",
            expiry.log.topic,
            expiry.log.partition,
            len(gone),
            _bytes(gone),
            expiry.log.log_start_offset,
        )


def _bytes(segments: list[Segment]) -> int:
    return sum(segment.size for segment in segments)

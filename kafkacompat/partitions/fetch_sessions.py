"""Incremental fetch sessions: a client names its partitions once, then only what changes.

Sans-I/O. A session remembers what the client asked for and what it was last told, so that an
answer carries only partitions that have something new.

Spec: KIP-227.
"""

import os
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

from kafkacompat_protocol.errors import ErrorCode, KafkaError

INITIAL_EPOCH = 0
FINAL_EPOCH = -1
NO_SESSION = 0
MAX_EPOCH = 0x7FFFFFFF
EVICT_AFTER_MS = 120_000


class FetchKey(NamedTuple):
    """A partition in a fetch request: by id from version 13 on, by name before."""

    topic_id: bytes
    topic: str
    partition: int


@dataclass(slots=True)
class FetchTarget:
    """What a client wants of one partition, and what it was told last."""

    key: FetchKey
    fetch_offset: int
    max_bytes: int
    current_leader_epoch: int
    last_fetched_epoch: int
    told_high_watermark: int = -1
    told_log_start: int = -1


class FetchSession:
    """The partitions of one session, in the order in which they are to be served."""

    __slots__ = ("epoch", "last_used_ms", "session_id", "targets")

    def __init__(self, session_id: int, now_ms: int) -> None:
        self.session_id = session_id
        self.epoch = 1
        self.last_used_ms = now_ms
        self.targets: OrderedDict[FetchKey, FetchTarget] = OrderedDict()

    def update(self, changed: list[FetchTarget], forgotten: list[FetchKey]) -> None:
        """Take in what a request adds, changes and drops."""
        for target in changed:
            known = self.targets.get(target.key)
            if known is not None:
                target.told_high_watermark = known.told_high_watermark
                target.told_log_start = known.told_log_start
            self.targets[target.key] = target
        for key in forgotten:
            self.targets.pop(key, None)

    def served(self, key: FetchKey) -> None:
        """Move a partition that had data to the end of the line, so that all get their turn."""
        self.targets.move_to_end(key)


class FetchSessions:
    """All sessions of a node, bounded."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._sessions: OrderedDict[int, FetchSession] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def open(self, targets: list[FetchTarget], now_ms: int) -> FetchSession | None:
        """Return a new session, None when there is no room for one."""
        if not self._make_room(now_ms):
            return None
        session = FetchSession(self._new_id(), now_ms)
        session.update(targets, [])
        self._sessions[session.session_id] = session
        return session

    def resume(self, session_id: int, epoch: int, now_ms: int) -> FetchSession:
        """Return the session of an incremental request, and expect the next epoch.

        Errors: FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH.
        """
        session = self._sessions.get(session_id)
        if session is None:
            raise KafkaError(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
        if session.epoch != epoch:
            raise KafkaError(ErrorCode.INVALID_FETCH_SESSION_EPOCH)
        session.epoch = 1 if epoch == MAX_EPOCH else epoch + 1
        session.last_used_ms = now_ms
        self._sessions.move_to_end(session_id)
        return session

    def close(self, session_id: int) -> None:
        """Forget a session, if there is one."""
        self._sessions.pop(session_id, None)

    def _make_room(self, now_ms: int) -> bool:
        if len(self._sessions) < self._slots:
            return True
        if not self._sessions:
            return False
        oldest = next(iter(self._sessions.values()))
        if now_ms - oldest.last_used_ms < EVICT_AFTER_MS:
            return False
        del self._sessions[oldest.session_id]
        return True

    def _new_id(self) -> int:
        while True:
            found = int.from_bytes(os.urandom(4)) >> 1 or 1
            if found not in self._sessions:
                return found

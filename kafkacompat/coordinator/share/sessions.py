"""Share sessions: a member names its partitions once, and loses its records with its connection.

Sans-I/O. A session is of a group and a member, and belongs to a connection. Spec: KIP-932.
"""

from collections.abc import Iterable
from typing import NamedTuple

from kafkacompat_protocol.errors import ErrorCode, KafkaError

INITIAL_EPOCH = 0
FINAL_EPOCH = -1
MAX_EPOCH = 0x7FFFFFFF


class TopicPartitionId(NamedTuple):
    """A partition as share requests name it."""

    topic_id: bytes
    partition: int


class ShareSession:
    """What one member fetches from this broker."""

    __slots__ = ("connection", "epoch", "group_id", "held", "member_id", "partitions")

    def __init__(self, group_id: str, member_id: str, connection: object) -> None:
        self.group_id = group_id
        self.member_id = member_id
        self.connection = connection
        self.epoch = INITIAL_EPOCH + 1
        """The one that the next request must have."""
        self.partitions: dict[TopicPartitionId, None] = {}
        """Those that are fetched, first those that were served longest ago."""
        self.held: dict[TopicPartitionId, None] = {}
        """Those of which the member was given records."""

    def update(
        self, wanted: Iterable[TopicPartitionId], forgotten: Iterable[TopicPartitionId]
    ) -> None:
        """Add partitions and drop others."""
        for each in wanted:
            self.partitions.setdefault(each)
        for each in forgotten:
            self.partitions.pop(each, None)

    def served(self, which: TopicPartitionId) -> None:
        """Note that the member was given records of a partition: others come first next time."""
        self.held.setdefault(which)
        if which in self.partitions:
            del self.partitions[which]
            self.partitions[which] = None


class ShareSessions:
    """All share sessions of a broker."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._sessions: dict[tuple[str, str], ShareSession] = {}
        self._by_connection: dict[object, set[ShareSession]] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def open(self, group_id: str, member_id: str, connection: object) -> ShareSession:
        """Begin a session. One that the member has must have been ended.

        Errors: SHARE_SESSION_LIMIT_REACHED.
        """
        if len(self._sessions) >= self._limit:
            raise KafkaError(ErrorCode.SHARE_SESSION_LIMIT_REACHED)
        made = ShareSession(group_id, member_id, connection)
        self._sessions[group_id, member_id] = made
        self._by_connection.setdefault(connection, set()).add(made)
        return made

    def find(self, group_id: str, member_id: str) -> ShareSession | None:
        """Return a member's session."""
        return self._sessions.get((group_id, member_id))

    def resume(self, group_id: str, member_id: str, epoch: int) -> ShareSession:
        """Return a session that goes on with a request of this epoch, or ends with it.

        Errors: SHARE_SESSION_NOT_FOUND, INVALID_SHARE_SESSION_EPOCH.
        """
        session = self.find(group_id, member_id)
        if session is None:
            raise KafkaError(ErrorCode.SHARE_SESSION_NOT_FOUND)
        if epoch == FINAL_EPOCH:
            return session
        if epoch != session.epoch:
            raise KafkaError(ErrorCode.INVALID_SHARE_SESSION_EPOCH)
        session.epoch = 1 if epoch == MAX_EPOCH else epoch + 1
        return session

    def end(self, session: ShareSession) -> bool:
        """Forget a session; return whether it was still there."""
        key = session.group_id, session.member_id
        if self._sessions.get(key) is not session:
            return False
        del self._sessions[key]
        siblings = self._by_connection[session.connection]
        siblings.discard(session)
        if not siblings:
            del self._by_connection[session.connection]
        return True

    def of_connection(self, connection: object) -> list[ShareSession]:
        """Return the sessions that end with a connection."""
        found = self._by_connection.get(connection, ())
        return sorted(found, key=lambda session: (session.group_id, session.member_id))

    def all(self) -> list[ShareSession]:
        """Return all sessions."""
        return list(self._sessions.values())

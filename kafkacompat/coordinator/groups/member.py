"""A member of a classic group."""

from dataclasses import dataclass, field

from kafkacompat.coordinator.outcome import Ticket

NEW_MEMBER_TIMEOUT_MS = 300_000
"""How long a member may take to appear for the first time, whatever its session timeout."""


@dataclass(slots=True)
class Member:
    """What a group knows of one member. Times are monotonic milliseconds."""

    member_id: str
    group_instance_id: str | None
    client_id: str
    client_host: str
    rebalance_timeout_ms: int
    session_timeout_ms: int
    protocols: list[tuple[str, bytes]]
    assignment: bytes = b""
    deadline_ms: int = 0
    is_new: bool = False
    join_ticket: Ticket | None = None
    """Set while a JoinGroup of it waits."""
    sync_ticket: Ticket | None = None
    """Set while a SyncGroup of it waits."""
    protocol_names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.protocol_names = frozenset(name for name, _ in self.protocols)

    def update(
        self, protocols: list[tuple[str, bytes]], rebalance_ms: int, session_ms: int
    ) -> None:
        """Take over what a member's newest JoinGroup says."""
        self.protocols = protocols
        self.protocol_names = frozenset(name for name, _ in protocols)
        self.rebalance_timeout_ms = rebalance_ms
        self.session_timeout_ms = session_ms

    def subscription(self, protocol: str | None) -> bytes:
        """Return the metadata that the member gave for a protocol."""
        return next((metadata for name, metadata in self.protocols if name == protocol), b"")

    def heard(self, now_ms: int) -> None:
        """Begin a new session timeout."""
        self.deadline_ms = now_ms + self.session_timeout_ms

    @property
    def is_waiting(self) -> bool:
        """Whether a request of the member waits for the group: it is alive, then."""
        return self.sync_ticket is not None or (self.join_ticket is not None and not self.is_new)

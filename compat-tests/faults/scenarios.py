"""What is done to each client, one request at a time."""

from dataclasses import dataclass, field
from typing import Any, Final

RETRIABLE: Final = [
    "CORRUPT_MESSAGE",
    "UNKNOWN_TOPIC_OR_PARTITION",
    "LEADER_NOT_AVAILABLE",
    "NOT_LEADER_OR_FOLLOWER",
    "REQUEST_TIMED_OUT",
    "REPLICA_NOT_AVAILABLE",
    "NETWORK_EXCEPTION",
    "COORDINATOR_LOAD_IN_PROGRESS",
    "COORDINATOR_NOT_AVAILABLE",
    "NOT_COORDINATOR",
    "NOT_ENOUGH_REPLICAS",
    "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
    "NOT_CONTROLLER",
    "CONCURRENT_TRANSACTIONS",
    "KAFKA_STORAGE_ERROR",
    "FETCH_SESSION_ID_NOT_FOUND",
    "INVALID_FETCH_SESSION_EPOCH",
    "LISTENER_NOT_FOUND",
    "FENCED_LEADER_EPOCH",
    "UNKNOWN_LEADER_EPOCH",
    "OFFSET_NOT_AVAILABLE",
    "PREFERRED_LEADER_NOT_AVAILABLE",
    "ELIGIBLE_LEADERS_NOT_AVAILABLE",
    "ELECTION_NOT_NEEDED",
    "UNSTABLE_OFFSET_COMMIT",
    "THROTTLING_QUOTA_EXCEEDED",
    "UNKNOWN_TOPIC_ID",
    "INCONSISTENT_TOPIC_ID",
    "FETCH_SESSION_TOPIC_ID_ERROR",
    "SHARE_SESSION_NOT_FOUND",
    "INVALID_SHARE_SESSION_EPOCH",
    "SHARE_SESSION_LIMIT_REACHED",
]
"""The codes of Apache Kafka 4.3.1 whose exception is a RetriableException."""

OF_THE_WHOLE_FETCH: Final = {
    "FETCH_SESSION_ID_NOT_FOUND",
    "INVALID_FETCH_SESSION_EPOCH",
    "FETCH_SESSION_TOPIC_ID_ERROR",
}
"""Answered for a Fetch, not for a partition in it."""

ACTIONS: Final = {
    "Produce": "produce",
    "Fetch": "fetch",
    "OffsetCommit": "commit",
    "JoinGroup": "join",
}
PASSES: Final = 2
"""How often an error is answered before it passes."""
THROTTLE_MS: Final = 1_000


@dataclass(frozen=True)
class Scenario:
    """A row of the table: `fault` are the arguments of `ThreadedBroker.fault`."""

    title: str
    api: str
    fault: dict[str, Any] = field(hash=False)
    idempotent: bool = True

    @property
    def action(self) -> str:
        """What a client is asked to do."""
        return ACTIONS[self.api]


def scenarios() -> list[Scenario]:
    """Return all rows, in their order."""
    found = [
        Scenario(code, api, {"kind": "error", "code": code, "times": PASSES})
        for api in ACTIONS
        for code in RETRIABLE
    ]
    for api in ACTIONS:
        lasting = "NOT_LEADER_OR_FOLLOWER" if api in ("Produce", "Fetch") else "NOT_COORDINATOR"
        found += [
            Scenario(f"{lasting}, for ever", api, {"kind": "error", "code": lasting}),
            Scenario("disconnected", api, {"kind": "disconnect", "times": PASSES}),
            Scenario("never answered, once", api, {"kind": "black_hole", "times": 1}),
            Scenario("never answered, for ever", api, {"kind": "black_hole"}),
            Scenario("throttled for 1 s", api, {"kind": "throttle", "delay_ms": THROTTLE_MS}),
        ]
    lost = {"kind": "disconnect_after", "times": 1}
    found += [
        Scenario("answer lost, idempotent", "Produce", lost),
        Scenario("answer lost, not idempotent", "Produce", lost, idempotent=False),
    ]
    return found

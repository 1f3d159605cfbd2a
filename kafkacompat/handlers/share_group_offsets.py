"""What the three APIs of share group offsets have in common: the group, and waiting for all."""

from collections.abc import Callable

from kafkacompat.coordinator.groups.share import ShareGroup
from kafkacompat.coordinator.outcome import Outcome
from kafkacompat.server.call import Call
from kafkacompat.server.reply import Reply
from kafkacompat_protocol.errors import ErrorCode, KafkaError

UNKNOWN_TOPIC = "This server does not host this topic-partition."
INVALID_GROUP = "The group id is invalid."
"""Kafka's own texts, which its tools print."""


def group_of(call: Call, group_id: str) -> ShareGroup | None:
    """Return a share group. Errors: those of `Coordinator.shard_of`."""
    groups = call.node.groups
    return groups.shard(group_id).share(group_id) if groups.has_topic else None


def require_group(call: Call, group_id: str) -> None:
    """Check that a share group exists.

    Errors: INVALID_GROUP_ID, GROUP_ID_NOT_FOUND, those of `Coordinator.shard_of`.
    """
    if not group_id:
        raise KafkaError(ErrorCode.INVALID_GROUP_ID, INVALID_GROUP)
    if group_of(call, group_id) is None and not call.node.share.of_group(group_id):
        raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, f"Group {group_id} not found.")


def require_empty(call: Call, group_id: str) -> None:
    """Check that a group, if it exists, is a share group without members.

    Errors: INVALID_GROUP_ID, GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, those of `Coordinator.shard_of`.
    """
    if not group_id:
        raise KafkaError(ErrorCode.INVALID_GROUP_ID, INVALID_GROUP)
    group = group_of(call, group_id)
    groups = call.node.groups
    if group is None and groups.has_topic and groups.shard(group_id).has_group(group_id):
        message = f"Group {group_id} is not a share group."
        raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, message)
    if group is not None and group.members:
        raise KafkaError(ErrorCode.NON_EMPTY_GROUP)


def note(call: Call, group_id: str, change: Callable[[ShareGroup], Outcome]) -> Reply:
    """Have a share group, made now if there is none, note what it has state of.

    The reply is None when that is durable, or what went wrong. Errors: GROUP_ID_NOT_FOUND, those
    of `Coordinator.shard_of`.
    """
    groups, reply = call.node.groups, Reply()
    shard = groups.shard(group_id)
    outcome = change(shard.share_group(group_id))
    outcome.reply(reply, None)
    groups.run(shard, outcome, group_id)
    return reply


class AllOf:
    """Waits for several replies; each may be told of by itself."""

    def __init__(self) -> None:
        self._open = 1
        self._callback: Callable[[], None] | None = None

    def add(self, told: Callable[[KafkaError | None], None]) -> Reply:
        """Return one more reply to wait for; `told` is called with what it comes to."""
        reply = Reply()
        self._open += 1

        def done(result: object) -> None:
            told(result if isinstance(result, KafkaError) else None)
            self._close()

        reply.when_done(done)
        return reply

    def then(self, callback: Callable[[], None]) -> None:
        """Call back once, when all are there."""
        self._callback = callback
        self._close()

    def _close(self) -> None:
        self._open -= 1
        if not self._open and self._callback is not None:
            self._callback()

"""What ShareFetch and ShareAcknowledge have in common: who asks, and their acknowledgements."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from kafkacompat.coordinator.share.acknowledging import Acknowledgement
from kafkacompat.coordinator.share.records import SharePartitionId
from kafkacompat.coordinator.share.sessions import TopicPartitionId
from kafkacompat.partitions.partition import Partition
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply
from kafkacompat_protocol.errors import ErrorCode, KafkaError


class Batch(Protocol):
    """An acknowledgement batch, of either request."""

    first_offset: int
    last_offset: int
    acknowledge_types: list[int]


def member_of(call: Call, group_id: str | None, member_id: str | None) -> tuple[str, str]:
    """Return who asks. Errors: INVALID_REQUEST, GROUP_AUTHORIZATION_FAILED."""
    if not group_id or not member_id:
        raise KafkaError(ErrorCode.INVALID_REQUEST)
    code = call.check(Operation.READ, Resource.GROUP, group_id)
    if code:
        raise KafkaError(code)
    return group_id, member_id


def find_partition(call: Call, key: TopicPartitionId) -> Partition:
    """Return the partition. Errors: those of `find_by_id`, TOPIC_AUTHORIZATION_FAILED."""
    partition = call.node.partitions.find_by_id(key.topic_id, key.partition)
    code = call.check(Operation.READ, Resource.TOPIC, partition.topic)
    if code:
        raise KafkaError(code)
    return partition


class Acknowledgements:
    """The acknowledgements of one request, until each is durable or refused."""

    def __init__(self, call: Call, group_id: str, member_id: str, *, may_renew: bool) -> None:
        self.call = call
        self.group_id = group_id
        self.member_id = member_id
        self.results: dict[TopicPartitionId, KafkaError | None] = {}
        self.limits = call.node.share.limits(group_id)
        self._own_limits = replace(self.limits, may_renew=self.limits.may_renew and may_renew)
        self._open = 0
        self._when_settled: Callable[[], None] | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing is on its way to be durable."""
        return self._open == 0

    def when_settled(self, callback: Callable[[], None]) -> None:
        """Call back once, as soon as everything is durable or refused."""
        if self.is_settled:
            callback()
        else:
            self._when_settled = callback

    def add(self, key: TopicPartitionId, batches: Iterable[Batch]) -> None:
        """Take in what the member says of a partition's records."""
        told = [
            Acknowledgement(batch.first_offset, batch.last_offset, batch.acknowledge_types)
            for batch in batches
        ]
        if key in self.results:
            self.results[key] = KafkaError(ErrorCode.INVALID_REQUEST)
            return
        self.results[key] = None
        try:
            find_partition(self.call, key)
            self._acknowledge(key, told)
        except KafkaError as error:
            self.results[key] = error

    def _acknowledge(self, key: TopicPartitionId, batches: Sequence[Acknowledgement]) -> None:
        which = SharePartitionId(self.group_id, *key)
        done = Reply()
        self.call.node.share.acknowledge(which, self.member_id, batches, self._own_limits, done)
        self._open += 1
        done.when_done(partial(self._settled, key))

    def _settled(self, key: TopicPartitionId, result: object) -> None:
        self._open -= 1
        if isinstance(result, KafkaError):
            self.results[key] = result
        elif isinstance(result, BaseException):
            self.results[key] = KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
        if self.is_settled and self._when_settled is not None:
            callback, self._when_settled = self._when_settled, None
            callback()

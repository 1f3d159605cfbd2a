"""ShareFetch (key 78): acquire records as a member of a share group, acknowledging earlier ones.

v2 adds the acquire mode (KIP-1206) and renewals, with which nothing may be fetched (KIP-1222).
"""

from kafkacompat.config import keys
from kafkacompat.coordinator.share.acquiring import Acquired, Wanted
from kafkacompat.coordinator.share.reading import inspect, select
from kafkacompat.coordinator.share.records import SharePartitionId
from kafkacompat.coordinator.share.sessions import (
    FINAL_EPOCH,
    INITIAL_EPOCH,
    ShareSession,
    TopicPartitionId,
)
from kafkacompat.coordinator.share.share_partition import SharePartition
from kafkacompat.handlers.share_requests import Acknowledgements, find_partition, member_of
from kafkacompat.metadata.features import SHARE_FEATURE
from kafkacompat.partitions.partition import Partition
from kafkacompat.partitions.waiting import Waiting, shared_deadline_ms
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.share_fetch import (
    AcquiredRecords,
    ShareFetchableTopicResponse,
    ShareFetchPartitionData,
    ShareFetchRequest,
    ShareFetchResponse,
)
from kafkacompat_protocol.primitives import Buffer
from kafkacompat_storage.log import Miss
from kafkacompat_storage.queries import find_aborted

BATCH_MODE, STRICT_MODE = 0, 1
PIECE_BYTES = 256 * 1024
"""How much is read at a time: a batch that is read in vain costs, as its bytes are copied."""
MAX_PIECES = 16
"""Pieces of a partition for one request."""
MAX_LOADS = 3
"""How often cold data that is gone again before it is read is loaded for one fetch."""
STATE_ERRORS = {
    ErrorCode.COORDINATOR_NOT_AVAILABLE: ErrorCode.NOT_LEADER_OR_FOLLOWER,
    ErrorCode.NOT_COORDINATOR: ErrorCode.NOT_LEADER_OR_FOLLOWER,
}
"""Fetching members are not told of a coordinator: here it is the partition's leader."""


@handles(
    ShareFetchRequest,
    versions="1-2",
    authorise=needs(Operation.READ, Resource.GROUP),
    feature=SHARE_FEATURE,
)
def share_fetch(call: Call, request: ShareFetchRequest) -> Reply:
    """Acquire what is there, or wait for it. The final epoch only acknowledges, and ends.

    Errors: INVALID_REQUEST, SHARE_SESSION_NOT_FOUND, INVALID_SHARE_SESSION_EPOCH,
    SHARE_SESSION_LIMIT_REACHED; per partition what finding and reading it says, and as for
    ShareAcknowledge.
    """
    group_id, member_id = member_of(call, request.group_id, request.member_id)
    epoch = request.share_session_epoch
    is_known_mode = request.share_acquire_mode in (BATCH_MODE, STRICT_MODE)
    if not is_known_mode or (request.is_renew_ack and _wants_records(request)):
        raise KafkaError(ErrorCode.INVALID_REQUEST)
    wanted = [
        TopicPartitionId(topic.topic_id, each.partition_index)
        for topic in request.topics
        for each in topic.partitions
    ]
    session = _session(call, request, group_id, member_id, wanted)
    given = Acknowledgements(call, group_id, member_id, may_renew=request.is_renew_ack)
    for topic in request.topics:
        for each in topic.partitions:
            if each.acknowledgement_batches:
                key = TopicPartitionId(topic.topic_id, each.partition_index)
                given.add(key, each.acknowledgement_batches)
    work = _ShareFetch(call, request, session, given)
    if epoch == FINAL_EPOCH:
        call.node.share.end_session(session)
        work.finish()
    elif request.max_records <= 0:
        work.finish()
    else:
        work.start()
    return work.reply


def _wants_records(request: ShareFetchRequest) -> bool:
    return any((request.max_wait_ms, request.min_bytes, request.max_bytes, request.max_records))


def _session(
    call: Call,
    request: ShareFetchRequest,
    group_id: str,
    member_id: str,
    wanted: list[TopicPartitionId],
) -> ShareSession:
    """Find or make the session. Errors: see `share_fetch`."""
    share = call.node.share
    if request.share_session_epoch == INITIAL_EPOCH:
        if any(each.acknowledgement_batches for t in request.topics for each in t.partitions):
            raise KafkaError(ErrorCode.INVALID_REQUEST)
        session = share.open_session(group_id, member_id, call.connection)
    else:
        session = share.sessions.resume(group_id, member_id, request.share_session_epoch)
    forgotten = [
        TopicPartitionId(topic.topic_id, index)
        for topic in request.forgotten_topics_data
        for index in topic.partitions
    ]
    session.update(wanted, forgotten)
    return session


class _ShareFetch:
    """One fetch in progress: acquire, and try again when woken."""

    def __init__(
        self,
        call: Call,
        request: ShareFetchRequest,
        session: ShareSession,
        given: Acknowledgements,
    ) -> None:
        self.call = call
        self.node = call.node
        self.request = request
        self.session = session
        self.given = given
        self.reply = Reply()
        self.results: dict[TopicPartitionId, ShareFetchPartitionData] = {}
        config = self.node.share.config(session.group_id)
        is_committed = config.get(keys.SHARE_ISOLATION_LEVEL) == "read_committed"
        self.isolation_level = 1 if is_committed else 0
        self.max_bytes = min(request.max_bytes, self.node.config.get(keys.FETCH_MAX_BYTES))
        self.left_records = request.max_records
        self.left_bytes = self.max_bytes
        self.partitions: list[Partition] = []
        self.names: list[str] = []
        self.waiting: Waiting | None = None
        self.misses: list[Miss] = []
        self.loads = 0
        self.is_loading = False
        self.is_overdue = False

    # --- acquiring

    def start(self) -> None:
        """Answer with what is there, or begin to wait."""
        has_time = self.request.max_wait_ms > 0 and bool(self.session.partitions)
        if self._attempt(is_last=not has_time):
            self.finish()
        else:
            self._wait()

    def _attempt(self, *, is_last: bool) -> bool:
        """Try to acquire from each partition; return whether the answer is there."""
        self.partitions, self.names, self.misses = [], [], []
        if not is_last and self.request.min_bytes > 1 and not self._has_enough():
            return False
        for key in list(self.session.partitions):
            if self.left_records <= 0 or self.left_bytes <= 0:
                break
            self._attempt_partition(key)
        if self.results:
            return True
        return is_last and not (self.misses and self.loads < MAX_LOADS)

    def _find(self, key: TopicPartitionId) -> tuple[Partition, SharePartition | None]:
        """Return a partition and the group's state of it; note both as what is waited for."""
        partition = find_partition(self.call, key)
        which = SharePartitionId(self.session.group_id, *key)
        self.partitions.append(partition)
        self.names.append(which.name)
        try:
            return partition, self.node.share.ready(which, partition)
        except KafkaError as error:
            if error.code == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
                return partition, None
            raise KafkaError(STATE_ERRORS.get(error.code, error.code), error.message) from error

    def _attempt_partition(self, key: TopicPartitionId) -> None:
        data = ShareFetchPartitionData(partition_index=key.partition)
        try:
            partition, machine = self._find(key)
            if machine is None:
                return
            machine.limits = self.given.limits
            self._acquire(partition, machine, data)
        except KafkaError as error:
            data.error_code, data.error_message = error.code, error.message
        if data.acquired_records:
            self.session.served(key)
            self.node.share.tend(SharePartitionId(self.session.group_id, *key))
        if data.acquired_records or data.error_code:
            self.results[key] = data

    def _acquire(
        self, partition: Partition, machine: SharePartition, data: ShareFetchPartitionData
    ) -> None:
        end = partition.readable_end(self.isolation_level)
        buffers: list[Buffer] = []
        for _ in range(MAX_PIECES):
            if self.left_records <= 0 or not machine.can_acquire(end):
                break
            assert machine.window is not None
            offset = machine.window.next_available()
            content = self._read(partition, offset, end)
            if not content:
                break
            end_of_piece, acquired, sent = self._acquire_from(partition, machine, offset, content)
            buffers += sent
            data.acquired_records += [
                AcquiredRecords(first_offset=first, last_offset=last, delivery_count=count)
                for first, last, count in acquired
            ]
            if machine.window.next_available() < end_of_piece:
                break  # it is not given more, though there is
        data.records = buffers

    def _read(self, partition: Partition, offset: int, end: int) -> Buffer:
        """Return some of a log from an offset on; nothing if that must be loaded first."""
        is_first = self.left_bytes == self.max_bytes
        room = min(PIECE_BYTES, self.left_bytes)
        if room <= 0:
            return b""
        found = partition.log.read(offset, room, up_to=end, at_least_one=is_first)
        if isinstance(found, Miss):
            self.misses.append(found)
            return b""
        return found.buffers[0] if len(found.buffers) == 1 else b"".join(found.buffers)

    def _acquire_from(
        self, partition: Partition, machine: SharePartition, offset: int, content: Buffer
    ) -> tuple[int, list[Acquired], list[Buffer]]:
        """Return where the content ends, what was acquired of it, and what is sent of it."""
        aborted: list[tuple[int, int]] = []
        batches = inspect(content, aborted)
        end = batches[-1].extent.last + 1
        if self.isolation_level:
            aborted = find_aborted(partition.log, offset, end)
            batches = inspect(content, aborted) if aborted else batches
        request = self.request
        wanted = Wanted(
            self.left_records, request.batch_size, request.share_acquire_mode == STRICT_MODE
        )
        extents = [batch.extent for batch in batches]
        now_ms = self.node.clock.monotonic_ms()
        acquired = machine.acquire(self.session.member_id, offset, extents, wanted, now_ms)
        sent = select(content, batches, acquired)
        self.left_records -= sum(each.last - each.first + 1 for each in acquired)
        self.left_bytes -= sum(map(len, sent))
        return end, acquired, sent

    def _has_enough(self) -> bool:
        """Whether as many bytes as are asked for can be read, or there is an error to tell."""
        found_bytes = 0
        for key in self.session.partitions:
            try:
                partition, machine = self._find(key)
            except KafkaError:
                return True
            end = partition.readable_end(self.isolation_level)
            if machine is None or not machine.can_acquire(end):
                continue
            assert machine.window is not None
            offset = machine.window.next_available()
            found = partition.log.read(
                offset, self.request.min_bytes - found_bytes, up_to=end, at_least_one=True
            )
            if isinstance(found, Miss):
                return True
            found_bytes += found.size
            if found_bytes >= self.request.min_bytes:
                return True
        return False

    # --- answering

    def finish(self) -> None:
        """Answer as soon as what was acknowledged is durable."""
        self._stop()
        self.given.when_settled(lambda: self.reply.resolve(self._response()))

    def _response(self) -> ShareFetchResponse:
        if self.request.share_session_epoch == INITIAL_EPOCH:
            # As Kafka: the first answer names all partitions.
            for key in self.session.partitions:
                data = ShareFetchPartitionData(partition_index=key.partition)
                self.results.setdefault(key, data)
        for key, error in self.given.results.items():
            data = self.results.setdefault(
                key, ShareFetchPartitionData(partition_index=key.partition)
            )
            if error is not None:
                data.acknowledge_error_code = error.code
                data.acknowledge_error_message = error.message
        topics: dict[bytes, ShareFetchableTopicResponse] = {}
        for key, data in self.results.items():
            topic = topics.setdefault(
                key.topic_id, ShareFetchableTopicResponse(topic_id=key.topic_id, partitions=[])
            )
            topic.partitions.append(data)
        return ShareFetchResponse(
            acquisition_lock_timeout_ms=self.given.limits.lock_duration_ms,
            responses=list(topics.values()),
        )

    # --- waiting

    def _wait(self) -> None:
        """Try again when there is more, when records are given back, or when time is up."""
        self.reply.cancel = self._stop
        now_ms = self.node.clock.monotonic_ms()
        deadline_ms = shared_deadline_ms(now_ms, self.request.max_wait_ms)
        self.waiting = Waiting(self.node.timers, self.partitions, deadline_ms, self._again)
        self.node.share.wait(self.names, self, self._woken)
        self._load()

    def _load(self) -> None:
        if self.misses and not self.is_loading:
            self.is_loading = True
            self.loads += 1
            self.node.load([miss.load for miss in self.misses], self._loaded)

    def _loaded(self) -> None:
        self.is_loading = False
        self._again(self.is_overdue)

    def _woken(self) -> None:
        self._again(False)

    def _again(self, is_last: bool) -> None:
        self.is_overdue = self.is_overdue or is_last
        if self.waiting is None or (self.is_loading and self.is_overdue):
            return
        names = self.names
        try:
            is_done = self._attempt(is_last=self.is_overdue)
        except Exception as error:  # for this client, not for whoever woke us
            self.names = names
            self._stop()
            self.reply.resolve(error)
            return
        self.names = names
        if is_done:
            self.finish()
        else:
            self._load()

    def _stop(self) -> None:
        if self.waiting is not None:
            self.waiting.stop()
            self.waiting = None
            self.node.share.stop_waiting(self.names, self)

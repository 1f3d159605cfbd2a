"""Fetch (key 1): read record batches, waiting for more if the client wishes.

v0-v3 get message formats v0 and v1 by conversion; v4 adds isolation_level; v7 fetch sessions;
v9 leader epochs; topics of compression.type=zstd need v10; v12 finds divergence; from v13 on
topics are named by id.
"""

from kafkacompat.config import keys
from kafkacompat.partitions.fetch_sessions import (
    FINAL_EPOCH,
    INITIAL_EPOCH,
    FetchKey,
    FetchSession,
    FetchTarget,
)
from kafkacompat.partitions.partition import Partition
from kafkacompat.partitions.replicas import Replicas
from kafkacompat.partitions.waiting import Waiting, shared_deadline_ms
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.fetch import (
    AbortedTransaction,
    EpochEndOffset,
    FetchableTopicResponse,
    FetchRequest,
    FetchResponse,
    PartitionData,
)
from kafkacompat_protocol.primitives import Buffer
from kafkacompat_protocol.records.compression import Compression
from kafkacompat_storage.log import Miss
from kafkacompat_storage.queries import find_aborted

FIRST_VERSION_WITH_SESSIONS, FIRST_VERSION_WITH_IDS = 7, 13
FIRST_VERSION_WITH_V2, FIRST_VERSION_WITH_ZSTD = 4, 10
FIRST_VERSION_WITH_FOLLOWERS, FIRST_VERSION_WITH_LEADERS = 11, 16
READ_COMMITTED = 1
MAX_LOADS = 10
"""How often something cold is loaded for one fetch; it may be gone again before it is read.

An index, a stretch to look in, what it is held against and the data may take one load each.
"""


def refuse(request: FetchRequest, code: ErrorCode, message: str | None) -> FetchResponse:
    """Answer with one error: at the top from v7 on, and in every partition that was named."""
    return FetchResponse(
        error_code=code,
        responses=[
            FetchableTopicResponse(
                topic=topic.topic,
                topic_id=topic.topic_id,
                partitions=[_failed(p.partition, code) for p in topic.partitions],
            )
            for topic in request.topics
        ],
    )


@handles(
    FetchRequest,
    versions="0-18",
    authorise=needs(Operation.READ, Resource.TOPIC, per_item=True),
    refuse=refuse,
)
def fetch(call: Call, request: FetchRequest) -> FetchResponse | Reply:
    """Answer at once if enough can be read or anything is wrong, else when it can or time is up.

    Errors: FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH; per partition
    OFFSET_OUT_OF_RANGE, those of `Partitions.find` and of `Partition.check_epoch`.
    """
    try:
        work = _Fetch(call, request)
    except KafkaError as error:  # about the session: no partition has to do with it
        return FetchResponse(error_code=error.code, responses=[])
    response = work.attempt(is_last=request.max_wait_ms <= 0 or not work.targets)
    return work.wait() if response is None else work.converted(response)


def _failed(index: int, code: ErrorCode) -> PartitionData:
    return PartitionData(
        partition_index=index,
        error_code=code,
        high_watermark=-1,
        aborted_transactions=None,
        records=b"",
    )


def _is_urgent(data: PartitionData) -> bool:
    """Whether a client is to hear of it at once, though there is nothing to read."""
    return (
        bool(data.error_code) or data.diverging_epoch.epoch >= 0 or data.preferred_read_replica >= 0
    )


def _targets(request: FetchRequest) -> list[FetchTarget]:
    return [
        FetchTarget(
            key=FetchKey(topic.topic_id, topic.topic, wanted.partition),
            fetch_offset=wanted.fetch_offset,
            max_bytes=wanted.partition_max_bytes,
            current_leader_epoch=wanted.current_leader_epoch,
            last_fetched_epoch=wanted.last_fetched_epoch,
        )
        for topic in request.topics
        for wanted in topic.partitions
    ]


class _Fetch:
    """One fetch in progress: read, and read again when woken; nothing read is remembered."""

    def __init__(self, call: Call, request: FetchRequest) -> None:
        self.call = call
        self.node = call.node
        self.request = request
        self.is_incremental = False
        self.session: FetchSession | None = None
        self.replicas: Replicas | None = None
        if call.node.members.racks is not None and call.version >= FIRST_VERSION_WITH_FOLLOWERS:
            self.replicas = Replicas(call, request.rack_id)
        self.targets = self._resolve()
        self.found: list[Partition | None] = [None] * len(self.targets)
        self.reply: Reply | None = None
        self.waiting: Waiting | None = None
        self.misses: list[Miss] = []
        self.loads = 0
        self.is_loading = False
        self.is_overdue = False

    def _resolve(self) -> list[FetchTarget]:
        """Find or make the session, and return the partitions to read. Errors: see `fetch`."""
        request, sessions = self.request, self.node.fetch_sessions
        if self.call.version < FIRST_VERSION_WITH_SESSIONS:
            return _targets(request)
        now_ms = self.node.clock.monotonic_ms()
        if request.session_epoch in (INITIAL_EPOCH, FINAL_EPOCH):
            sessions.close(request.session_id)
            targets = _targets(request)
            if request.session_epoch == INITIAL_EPOCH and targets:
                self.session = sessions.open(targets, now_ms)
            return targets
        session = sessions.resume(request.session_id, request.session_epoch, now_ms)
        forgotten = [
            FetchKey(topic.topic_id, topic.topic, index)
            for topic in request.forgotten_topics_data
            for index in topic.partitions
        ]
        session.update(_targets(request), forgotten)
        self.session, self.is_incremental = session, True
        return list(session.targets.values())

    # --- reading

    def attempt(self, *, is_last: bool) -> FetchResponse | None:
        """Read everything; return the answer, or None if it should wait for more."""
        if not is_last and self.request.min_bytes > 0 and self._is_at_the_end():
            return None
        room = min(self.request.max_bytes, self.node.config.get(keys.FETCH_MAX_BYTES))
        read_bytes, is_urgent = 0, False
        results: list[tuple[FetchTarget, PartitionData]] = []
        self.misses = []
        for number, target in enumerate(self.targets):
            data, size = self._read(number, room - read_bytes, read_bytes == 0)
            read_bytes += size
            is_urgent = is_urgent or _is_urgent(data)
            results.append((target, data))
        if self.misses and not read_bytes and not is_urgent and self.loads < MAX_LOADS:
            return None
        if read_bytes < self.request.min_bytes and not is_urgent and not is_last:
            return None
        return self._response(results)

    def _is_at_the_end(self) -> bool:
        """Whether there is neither anything to read nor an error to tell, so far."""
        isolation_level = self.request.isolation_level
        if self.replicas is not None and self.replicas.rack is not None:
            return False
        for number, target in enumerate(self.targets):
            try:
                partition = self._find(number)
            except KafkaError:
                return False
            epoch = target.current_leader_epoch
            if (
                target.fetch_offset != partition.readable_end(isolation_level)
                or target.last_fetched_epoch >= 0
                or (epoch >= 0 and epoch != partition.leader_epoch)
            ):
                return False
        return True

    def _read(self, number: int, room: int, is_first: bool) -> tuple[PartitionData, int]:
        target = self.targets[number]
        try:
            partition = self._find(number)
            partition.check_epoch(target.current_leader_epoch)
            nearer = None if self.replicas is None else self.replicas.nearer(partition)
            if nearer is not None:
                return self._sent_elsewhere(partition, nearer), 0
            return self._read_partition(partition, target, room, is_first)
        except KafkaError as error:
            return _failed(target.key.partition, error.code), 0

    def _find(self, number: int) -> Partition:
        """Return the partition of a target: the same as before, while it is led here."""
        found = self.found[number]
        if found is not None and found.is_leader:
            return found
        key = self.targets[number].key
        partitions = self.node.partitions
        try:
            if self.call.version >= FIRST_VERSION_WITH_IDS:
                partition = partitions.find_by_id(key.topic_id, key.partition)
            else:
                partition = partitions.find(key.topic, key.partition)
        except KafkaError as error:
            if self.replicas is None:
                raise
            partition = self.replicas.followed(key, error)
        code = self.call.check(Operation.READ, Resource.TOPIC, partition.topic)
        if code:
            raise KafkaError(code)
        self.found[number] = partition
        return partition

    def _sent_elsewhere(self, partition: Partition, replica: int) -> PartitionData:
        """Have the client read from a replica in its own rack (KIP-392)."""
        data = _failed(partition.index, ErrorCode.NONE)
        data.high_watermark = partition.log.high_watermark
        data.last_stable_offset = partition.log.last_stable_offset
        data.log_start_offset = partition.log.log_start_offset
        data.preferred_read_replica = replica
        return data

    def _read_partition(
        self, partition: Partition, target: FetchTarget, room: int, is_first: bool
    ) -> tuple[PartitionData, int]:
        log = partition.log
        end = partition.readable_end(self.request.isolation_level)
        data = PartitionData(
            partition_index=partition.index,
            error_code=0,
            high_watermark=log.high_watermark,
            last_stable_offset=log.last_stable_offset,
            log_start_offset=log.log_start_offset,
            aborted_transactions=None,
            records=b"",
        )
        if target.last_fetched_epoch >= 0 and self._diverges(partition, target, data):
            return data, 0
        offset = target.fetch_offset
        if offset == end:
            return data, 0
        if offset > log.end_offset or offset < log.log_start_offset:
            raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE)
        if offset > end or (room <= 0 and not is_first):
            return data, 0
        found = log.read(offset, min(room, target.max_bytes), up_to=end, at_least_one=is_first)
        if isinstance(found, Miss):
            self.misses.append(found)
            return data, 0
        data.records = self._readable(partition, found.buffers)
        if self.request.isolation_level == READ_COMMITTED:
            data.aborted_transactions = [
                AbortedTransaction(producer_id=producer_id, first_offset=first)
                for producer_id, first in find_aborted(log, offset, max(found.next_offset, offset))
            ]
        return data, found.size

    def _diverges(self, partition: Partition, target: FetchTarget, data: PartitionData) -> bool:
        """Whether the client's last epoch ended earlier here than its offset says (KIP-595)."""
        epoch, end_offset = partition.log.epoch_end_offset(target.last_fetched_epoch)
        if epoch == target.last_fetched_epoch and end_offset >= target.fetch_offset:
            return False
        if epoch < 0:
            return False
        data.diverging_epoch = EpochEndOffset(epoch=epoch, end_offset=end_offset)
        return True

    def _readable(self, partition: Partition, buffers: list[Buffer]) -> list[Buffer]:
        """Return what this version's clients can read.

        As Kafka, zstd is refused before v10 where the topic says compression.type=zstd; what
        producers chose to compress so is passed on, as many clients read it all the same.
        """
        version = self.call.version
        if version < FIRST_VERSION_WITH_ZSTD and partition.log.rules.codec == Compression.ZSTD:
            raise KafkaError(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE)
        return buffers

    # --- answering

    def converted(self, response: FetchResponse) -> FetchResponse | Reply:
        """Return the answer in the message format of this version's clients."""
        if self.call.version >= FIRST_VERSION_WITH_V2:
            return response
        from kafkacompat.handlers.fetch_old import convert

        return convert(self.node, self.call.version, response)

    def _response(self, results: list[tuple[FetchTarget, PartitionData]]) -> FetchResponse:
        topics: dict[tuple[bytes, str], FetchableTopicResponse] = {}
        for target, data in results:
            if self.session is not None and not self._is_news(target, data):
                continue
            key = target.key
            topic = topics.get(key[:2])
            if topic is None:
                topic = FetchableTopicResponse(
                    topic=key.topic, topic_id=key.topic_id, partitions=[]
                )
                topics[key[:2]] = topic
            topic.partitions.append(data)
        session_id = 0 if self.session is None else self.session.session_id
        response = FetchResponse(
            error_code=0, session_id=session_id, responses=list(topics.values())
        )
        if self.node.members.racks is not None and self.call.version >= FIRST_VERSION_WITH_LEADERS:
            from kafkacompat.handlers.new_leaders import tell_consumer

            tell_consumer(self.call, response)
        return response

    def _is_news(self, target: FetchTarget, data: PartitionData) -> bool:
        """Note what the client is told now; whether its session makes it worth telling."""
        assert self.session is not None
        changed = (
            bool(data.records)
            or _is_urgent(data)
            or target.told_high_watermark != data.high_watermark
            or target.told_log_start != data.log_start_offset
        )
        target.told_high_watermark = -1 if data.error_code else data.high_watermark
        target.told_log_start = data.log_start_offset
        if data.records and target.key in self.session.targets:
            self.session.served(target.key)
        return changed or not self.is_incremental

    # --- waiting

    def wait(self) -> Reply:
        """Answer when enough can be read, when what is cold is loaded, or when time is up."""
        self.reply = Reply()
        self.reply.cancel = self._stop
        partitions = [found for found in self.found if found is not None]
        now_ms = self.node.clock.monotonic_ms()
        deadline_ms = shared_deadline_ms(now_ms, max(0, self.request.max_wait_ms))
        self.waiting = Waiting(self.node.timers, partitions, deadline_ms, self._again)
        self._load()
        return self.reply

    def _load(self) -> None:
        if self.misses and not self.is_loading:
            self.is_loading = True
            self.loads += 1
            self.node.load([miss.load for miss in self.misses], self._loaded)

    def _loaded(self) -> None:
        self.is_loading = False
        self._again(self.is_overdue)

    def _again(self, is_last: bool) -> None:
        """Read again. When time is up while cold data is loaded, that is waited for still."""
        self.is_overdue = self.is_overdue or is_last
        if self.reply is None or self.reply.is_done or (self.is_loading and self.is_overdue):
            return
        try:
            response = self.attempt(is_last=self.is_overdue)
        except Exception as error:  # for this client, not for whoever woke us
            self._stop()
            self.reply.resolve(error)
            return
        if response is None:
            self._load()
            return
        self._stop()
        answer = self.converted(response)
        if isinstance(answer, Reply):
            answer.when_done(self.reply.resolve)
        else:
            self.reply.resolve(answer)

    def _stop(self) -> None:
        if self.waiting is not None:
            self.waiting.stop()
            self.waiting = None

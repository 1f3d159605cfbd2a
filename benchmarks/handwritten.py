"""Hand-written `struct` code for five messages in one version each, the yardstick of `codec.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from typing import Any

from kafkacompat_protocol.messages.fetch import (
    FetchableTopicResponse,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    FetchTopic,
    PartitionData,
)
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest
from kafkacompat_protocol.messages.metadata import (
    MetadataResponse,
    MetadataResponseBroker,
    MetadataResponsePartition,
    MetadataResponseTopic,
)
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafkacompat_protocol.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    TopicProduceData,
)

H, INT = Struct(">h"), Struct(">i")
HII, II = Struct(">hii"), Struct(">ii")


@dataclass
class Case:
    """One message with its hand-written functions."""

    name: str
    version: int
    message: Any
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]


def _string(buf: bytes, pos: int) -> tuple[str, int]:
    size = H.unpack_from(buf, pos)[0]
    end = pos + 2 + size
    if size < 0 or end > len(buf):
        raise ValueError("string")
    return buf[pos + 2 : end].decode(), end


def _nullable(buf: bytes, pos: int) -> tuple[str | None, int]:
    if H.unpack_from(buf, pos)[0] == -1:
        return None, pos + 2
    return _string(buf, pos)


def _text(value: str | None) -> bytes:
    if value is None:
        return b"\xff\xff"
    raw = value.encode()
    return H.pack(len(raw)) + raw


# --- Heartbeat v3

heartbeat = HeartbeatRequest(group_id="billing", generation_id=7, member_id="c-1-0123456789ab")


def decode_heartbeat(buf: bytes) -> HeartbeatRequest:
    made = HeartbeatRequest.__new__(HeartbeatRequest)
    made.group_id, pos = _string(buf, 0)
    made.generation_id = INT.unpack_from(buf, pos)[0]
    made.member_id, pos = _string(buf, pos + 4)
    made.group_instance_id, pos = _nullable(buf, pos)
    return made


def encode_heartbeat(m: HeartbeatRequest) -> bytes:
    return b"".join(
        (
            _text(m.group_id),
            INT.pack(m.generation_id),
            _text(m.member_id),
            _text(m.group_instance_id),
        )
    )


# --- Produce v7: one topic, four partitions

produce = ProduceRequest(
    transactional_id=None,
    acks=-1,
    timeout_ms=30000,
    topic_data=[
        TopicProduceData(
            name="orders",
            partition_data=[
                PartitionProduceData(index=i, records=memoryview(bytes(200))) for i in range(4)
            ],
        )
    ],
)


def decode_produce(buf: bytes) -> ProduceRequest:
    view = memoryview(buf)
    made = ProduceRequest.__new__(ProduceRequest)
    made.transactional_id, pos = _nullable(buf, 0)
    made.acks, made.timeout_ms, topics = HII.unpack_from(buf, pos)
    pos += 10
    made.topic_data = []
    for _ in range(topics):
        topic = TopicProduceData.__new__(TopicProduceData)
        topic.topic_id = bytes(16)
        topic.name, pos = _string(buf, pos)
        count = INT.unpack_from(buf, pos)[0]
        pos += 4
        topic.partition_data = []
        for _ in range(count):
            data = PartitionProduceData.__new__(PartitionProduceData)
            data.index, size = II.unpack_from(buf, pos)
            end = pos + 8 + size
            if end > len(buf):
                raise ValueError("records")
            data.records = view[pos + 8 : end]
            pos = end
            topic.partition_data.append(data)
        made.topic_data.append(topic)
    return made


def encode_produce(m: ProduceRequest) -> bytes:
    out = bytearray(_text(m.transactional_id))
    out += HII.pack(m.acks, m.timeout_ms, len(m.topic_data))
    for topic in m.topic_data:
        out += _text(topic.name)
        out += INT.pack(len(topic.partition_data))
        for data in topic.partition_data:
            out += II.pack(data.index, len(data.records))
            out += data.records
    return bytes(out)


# --- Fetch v11 request: one topic, four partitions

FETCH_HEAD, FETCH_PART = Struct(">iiiibiii"), Struct(">iiqqi")

fetch = FetchRequest(
    max_wait_ms=500,
    min_bytes=1,
    max_bytes=52428800,
    session_id=5,
    session_epoch=6,
    topics=[
        FetchTopic(
            topic="orders",
            partitions=[
                FetchPartition(partition=i, fetch_offset=1000 + i, partition_max_bytes=1 << 20)
                for i in range(4)
            ],
        )
    ],
)


def decode_fetch(buf: bytes) -> FetchRequest:
    made = FetchRequest()
    (
        made.replica_id,
        made.max_wait_ms,
        made.min_bytes,
        made.max_bytes,
        made.isolation_level,
        made.session_id,
        made.session_epoch,
        topics,
    ) = FETCH_HEAD.unpack_from(buf)
    pos = FETCH_HEAD.size
    for _ in range(topics):
        topic = FetchTopic()
        topic.topic, pos = _string(buf, pos)
        count = INT.unpack_from(buf, pos)[0]
        pos += 4
        for _ in range(count):
            part = FetchPartition()
            (
                part.partition,
                part.current_leader_epoch,
                part.fetch_offset,
                part.log_start_offset,
                part.partition_max_bytes,
            ) = FETCH_PART.unpack_from(buf, pos)
            pos += FETCH_PART.size
            topic.partitions.append(part)
        made.topics.append(topic)
    pos += 4
    made.rack_id, pos = _string(buf, pos)
    return made


def encode_fetch(m: FetchRequest) -> bytes:
    out = bytearray(
        FETCH_HEAD.pack(
            m.replica_id,
            m.max_wait_ms,
            m.min_bytes,
            m.max_bytes,
            m.isolation_level,
            m.session_id,
            m.session_epoch,
            len(m.topics),
        )
    )
    for topic in m.topics:
        out += _text(topic.topic)
        out += INT.pack(len(topic.partitions))
        for p in topic.partitions:
            out += FETCH_PART.pack(
                p.partition,
                p.current_leader_epoch,
                p.fetch_offset,
                p.log_start_offset,
                p.partition_max_bytes,
            )
    out += INT.pack(0)
    out += _text(m.rack_id)
    return bytes(out)


# --- Fetch v11 response: one topic, four partitions

ANSWER_HEAD, ANSWER_PART = Struct(">ihii"), Struct(">ihqqqiii")

fetched = FetchResponse(
    error_code=0,
    session_id=5,
    responses=[
        FetchableTopicResponse(
            topic="orders",
            partitions=[
                PartitionData(
                    partition_index=i,
                    error_code=0,
                    high_watermark=5000,
                    last_stable_offset=5000,
                    log_start_offset=0,
                    aborted_transactions=None,
                    records=memoryview(bytes(300)),
                )
                for i in range(4)
            ],
        )
    ],
)


def decode_fetched(buf: bytes) -> FetchResponse:
    view = memoryview(buf)
    made = FetchResponse()
    made.throttle_time_ms, made.error_code, made.session_id, topics = ANSWER_HEAD.unpack_from(buf)
    pos = ANSWER_HEAD.size
    for _ in range(topics):
        topic = FetchableTopicResponse(partitions=[])
        topic.topic, pos = _string(buf, pos)
        count = INT.unpack_from(buf, pos)[0]
        pos += 4
        for _ in range(count):
            part = PartitionData()
            (
                part.partition_index,
                part.error_code,
                part.high_watermark,
                part.last_stable_offset,
                part.log_start_offset,
                _,
                part.preferred_read_replica,
                size,
            ) = ANSWER_PART.unpack_from(buf, pos)
            part.aborted_transactions = None
            pos += ANSWER_PART.size
            end = pos + size
            if end > len(buf):
                raise ValueError("records")
            part.records = view[pos:end]
            pos = end
            topic.partitions.append(part)
        made.responses.append(topic)
    return made


def encode_fetched(m: FetchResponse) -> bytes:
    out = bytearray(
        ANSWER_HEAD.pack(m.throttle_time_ms, m.error_code, m.session_id, len(m.responses))
    )
    for topic in m.responses:
        out += _text(topic.topic)
        out += INT.pack(len(topic.partitions))
        for p in topic.partitions:
            out += ANSWER_PART.pack(
                p.partition_index,
                p.error_code,
                p.high_watermark,
                p.last_stable_offset,
                p.log_start_offset,
                -1,
                p.preferred_read_replica,
                len(p.records),
            )
            out += p.records
    return bytes(out)


# --- Metadata v5 response: one broker, ten topics of four partitions


metadata = MetadataResponse(
    brokers=[MetadataResponseBroker(node_id=1, host="127.0.0.1", port=9092)],
    cluster_id="0KDKiqZTRRCpPk58F9Mwqw",
    controller_id=1,
    topics=[
        MetadataResponseTopic(
            error_code=0,
            name=f"topic-{t}",
            partitions=[
                MetadataResponsePartition(
                    error_code=0,
                    partition_index=i,
                    leader_id=1,
                    replica_nodes=[1],
                    isr_nodes=[1],
                )
                for i in range(4)
            ],
        )
        for t in range(10)
    ],
)


def decode_metadata(buf: bytes) -> MetadataResponse:
    made = MetadataResponse(brokers=[], topics=[])
    made.throttle_time_ms, brokers = II.unpack_from(buf)
    pos = 8
    for _ in range(brokers):
        broker = MetadataResponseBroker(node_id=INT.unpack_from(buf, pos)[0], host="", port=0)
        broker.host, pos = _string(buf, pos + 4)
        broker.port = INT.unpack_from(buf, pos)[0]
        broker.rack, pos = _nullable(buf, pos + 4)
        made.brokers.append(broker)
    made.cluster_id, pos = _nullable(buf, pos)
    made.controller_id, topics = II.unpack_from(buf, pos)
    pos += 8
    for _ in range(topics):
        topic = MetadataResponseTopic(error_code=0, name=None, partitions=[])
        topic.error_code = H.unpack_from(buf, pos)[0]
        topic.name, pos = _string(buf, pos + 2)
        topic.is_internal = buf[pos] == 1
        count = INT.unpack_from(buf, pos + 1)[0]
        pos += 5
        for _ in range(count):
            part = MetadataResponsePartition()
            part.error_code, part.partition_index, part.leader_id, n = META_PLAIN.unpack_from(
                buf, pos
            )
            pos += META_PLAIN.size
            part.replica_nodes, pos = _ints(buf, pos, n)
            part.isr_nodes, pos = _ints(buf, pos + 4, INT.unpack_from(buf, pos)[0])
            part.offline_replicas, pos = _ints(buf, pos + 4, INT.unpack_from(buf, pos)[0])
            topic.partitions.append(part)
        made.topics.append(topic)
    return made


META_PLAIN = Struct(">hiii")


def _ints(buf: bytes, pos: int, count: int) -> tuple[list[int], int]:
    if count * 4 > len(buf) - pos:
        raise ValueError("array")
    found = [INT.unpack_from(buf, at)[0] for at in range(pos, pos + 4 * count, 4)]
    return found, pos + 4 * count


def _pack_ints(values: list[int]) -> bytes:
    return b"".join([INT.pack(len(values)), *map(INT.pack, values)])


def encode_metadata(m: MetadataResponse) -> bytes:
    out = bytearray(II.pack(m.throttle_time_ms, len(m.brokers)))
    for broker in m.brokers:
        out += INT.pack(broker.node_id)
        out += _text(broker.host)
        out += INT.pack(broker.port)
        out += _text(broker.rack)
    out += _text(m.cluster_id)
    out += II.pack(m.controller_id, len(m.topics))
    for topic in m.topics:
        out += H.pack(topic.error_code)
        out += _text(topic.name)
        out.append(1 if topic.is_internal else 0)
        out += INT.pack(len(topic.partitions))
        for p in topic.partitions:
            out += META_HEAD.pack(p.error_code, p.partition_index, p.leader_id)
            out += _pack_ints(p.replica_nodes)
            out += _pack_ints(p.isr_nodes)
            out += _pack_ints(p.offline_replicas)
    return bytes(out)


META_HEAD = Struct(">hii")

# --- OffsetCommit v7: one topic, four partitions

COMMIT_PART = Struct(">iqih")

commit = OffsetCommitRequest(
    group_id="billing",
    generation_id_or_member_epoch=3,
    member_id="c-1-0123456789ab",
    topics=[
        OffsetCommitRequestTopic(
            name="orders",
            partitions=[
                OffsetCommitRequestPartition(
                    partition_index=i, committed_offset=100 + i, committed_metadata=""
                )
                for i in range(4)
            ],
        )
    ],
)


def decode_commit(buf: bytes) -> OffsetCommitRequest:
    made = OffsetCommitRequest(group_id="", topics=[])
    made.group_id, pos = _string(buf, 0)
    made.generation_id_or_member_epoch = INT.unpack_from(buf, pos)[0]
    made.member_id, pos = _string(buf, pos + 4)
    made.group_instance_id, pos = _nullable(buf, pos)
    topics = INT.unpack_from(buf, pos)[0]
    pos += 4
    for _ in range(topics):
        topic = OffsetCommitRequestTopic(partitions=[])
        topic.name, pos = _string(buf, pos)
        count = INT.unpack_from(buf, pos)[0]
        pos += 4
        for _ in range(count):
            part = OffsetCommitRequestPartition.__new__(OffsetCommitRequestPartition)
            part.commit_timestamp = -1
            (part.partition_index, part.committed_offset, part.committed_leader_epoch, size) = (
                COMMIT_PART.unpack_from(buf, pos)
            )
            pos += COMMIT_PART.size
            part.committed_metadata = None if size < 0 else buf[pos : pos + size].decode()
            pos += max(0, size)
            topic.partitions.append(part)
        made.topics.append(topic)
    return made


def encode_commit(m: OffsetCommitRequest) -> bytes:
    out = bytearray(_text(m.group_id))
    out += INT.pack(m.generation_id_or_member_epoch)
    out += _text(m.member_id)
    out += _text(m.group_instance_id)
    out += INT.pack(len(m.topics))
    for topic in m.topics:
        out += _text(topic.name)
        out += INT.pack(len(topic.partitions))
        for p in topic.partitions:
            raw = b"" if p.committed_metadata is None else p.committed_metadata.encode()
            size = -1 if p.committed_metadata is None else len(raw)
            out += COMMIT_PART.pack(
                p.partition_index, p.committed_offset, p.committed_leader_epoch, size
            )
            out += raw
    return bytes(out)


CASES = [
    Case("Heartbeat v3", 3, heartbeat, decode_heartbeat, encode_heartbeat),
    Case("Produce v7", 7, produce, decode_produce, encode_produce),
    Case("Fetch v11", 11, fetch, decode_fetch, encode_fetch),
    Case("Fetch v11 response", 11, fetched, decode_fetched, encode_fetched),
    Case("Metadata v5 response", 5, metadata, decode_metadata, encode_metadata),
    Case("OffsetCommit v7", 7, commit, decode_commit, encode_commit),
]

"""A running broker whose disk fails: who is told what, and what goes on."""

import errno
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from kafkacompat.cluster import core as core_module
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafkacompat_protocol.messages.delete_topics import DeleteTopicsRequest
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest
from kafkacompat_protocol.messages.init_producer_id import InitProducerIdRequest
from kafkacompat_protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsTopic,
)
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafkacompat_protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestTopic
from kafkacompat_storage.store import open_store
from tests.support.faulty_files import FaultyFiles
from tests.support.node import RunningNode, running_node
from tests.support.produced import (
    NOW_MS,
    batch,
    fetch,
    fetch_request,
    produce,
    produce_request,
    values_of,
)

ON_DISK = {"log.dirs": "/d/data", "kafkacompat.durability": "fsync"}
LATER_MS = NOW_MS + 1000
STORAGE = ErrorCode.KAFKA_STORAGE_ERROR


class Faulty:
    """A broker over files that fail where `failing` is in the path."""

    def __init__(self, broker: RunningNode, files: FaultyFiles) -> None:
        self.broker = broker
        self.files = files

    def fail(self, operations: str, part: str, number: int) -> None:
        def fault(operation: str, path: str) -> OSError | None:
            if operation in operations.split() and part in path:
                return OSError(number, "made to fail")
            return None

        self.files.fault = fault

    def heal(self) -> None:
        self.files.fault = lambda operation, path: None


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Iterator[Faulty]:
    files = FaultyFiles(has_syncfs=False)
    monkeypatch.setattr(core_module, "open_store", partial(open_store, files=files))
    with running_node(ON_DISK) as broker:
        made = Faulty(broker, files)
        broker.create_topic("t")
        broker.create_topic("u")
        broker.call(FindCoordinatorRequest(key="g"), 2)
        assert produce(broker, batch(b"a")).base_offset == 0
        yield made
        made.heal()


def commit(broker: RunningNode, offset: int) -> int:
    part = OffsetCommitRequestPartition(
        partition_index=0, committed_offset=offset, committed_metadata=""
    )
    topic = OffsetCommitRequestTopic(name="t", partitions=[part])
    told = broker.call(OffsetCommitRequest(group_id="g", topics=[topic]), 7)
    code: int = told.topics[0].partitions[0].error_code
    return code


def committed(broker: RunningNode) -> int:
    wanted = OffsetFetchRequestTopic(name="t", partition_indexes=[0])
    told = broker.call(OffsetFetchRequest(group_id="g", topics=[wanted]), 5)
    offset: int = told.topics[0].partitions[0].committed_offset
    return offset


def create(broker: RunningNode, name: str) -> int:
    topic = CreatableTopic(
        name=name, num_partitions=1, replication_factor=1, assignments=[], configs=[]
    )
    code: int = broker.call(CreateTopicsRequest(topics=[topic]), 5).topics[0].error_code
    return code


@pytest.mark.parametrize("acks", [-1, 1])
def test_a_full_disk_refuses_records_until_there_is_room(faulty: Faulty, acks: int) -> None:
    broker = faulty.broker
    faulty.fail("write", "/t-0/", errno.ENOSPC)
    assert produce(broker, batch(b"b"), acks=acks).error_code == STORAGE
    assert values_of(fetch(broker).records) == [(0, b"a")]
    faulty.heal()
    assert produce(broker, batch(b"c"), acks=acks).base_offset == 1
    assert values_of(fetch(broker, 1, max_wait_ms=10_000).records) == [(1, b"c")]


def test_with_acks_0_a_full_disk_closes_the_connection(faulty: Faulty) -> None:
    faulty.fail("write", "/t-0/", errno.ENOSPC)
    client = faulty.broker.client()
    client.send(produce_request(batch(b"b"), acks=0), 8)
    assert client.is_closed()


def test_a_failed_sync_closes_that_log_to_writes_and_shows_nothing_of_it(faulty: Faulty) -> None:
    broker = faulty.broker
    waiting = broker.client()
    waiting.send(fetch_request(1, max_wait_ms=100), 11)
    faulty.fail("sync", "/t-0/", errno.EIO)
    assert produce(broker, batch(b"b")).error_code == STORAGE
    faulty.heal()
    assert produce(broker, batch(b"c")).error_code == STORAGE
    assert waiting.receive(1, 11).responses[0].partitions[0].records == b""
    slot = fetch(broker)
    assert (values_of(slot.records), slot.high_watermark) == ([(0, b"a")], 1)
    assert produce(broker, batch(b"x"), topic="u").error_code == 0


def test_a_failed_sync_of_the_offsets_leaves_what_was_committed(faulty: Faulty) -> None:
    broker = faulty.broker
    assert commit(broker, 1) == 0
    faulty.fail("sync", "__consumer_offsets", errno.EIO)
    assert commit(broker, 2) == ErrorCode.COORDINATOR_NOT_AVAILABLE
    faulty.heal()
    assert commit(broker, 3) == ErrorCode.COORDINATOR_NOT_AVAILABLE
    assert committed(broker) == 1


def test_a_failed_sync_of_the_metadata_makes_no_topic(faulty: Faulty) -> None:
    broker = faulty.broker
    faulty.fail("sync", "__cluster_metadata", errno.EIO)
    assert create(broker, "new") == STORAGE
    faulty.heal()
    assert create(broker, "later") == STORAGE
    assert not {"new", "later"} & broker.node.image.topics.keys()
    told = broker.call(InitProducerIdRequest(transactional_id=None), 4)
    assert told.error_code == STORAGE
    assert produce(broker, batch(b"b")).base_offset == 1


def test_a_full_disk_keeps_metadata_commands_only_while_it_is_full(faulty: Faulty) -> None:
    broker = faulty.broker
    faulty.fail("write", "__cluster_metadata", errno.ENOSPC)
    assert create(broker, "new") == STORAGE
    told = broker.call(InitProducerIdRequest(transactional_id=None), 4)
    assert told.error_code == STORAGE
    faulty.heal()
    assert create(broker, "new") == 0
    told = broker.call(InitProducerIdRequest(transactional_id=None), 4)
    assert (told.error_code, told.producer_id) == (0, 0)


@pytest.mark.parametrize("error", [None, errno.EIO])
def test_while_a_write_takes_long_everybody_else_is_served(
    faulty: Faulty, error: int | None
) -> None:
    broker, files = faulty.broker, faulty.files
    assert commit(broker, 1) == 0
    files.write_gate = threading.Event()
    broker.node.journal.note_slow(True)
    writers = [broker.client() for _ in range(3)]
    writers[0].send(produce_request(batch(b"b"), acks=-1), 8)
    broker.wait_until(lambda: broker.node.partitions.find("t", 0).log.end_offset == 2)
    writers[1].send(produce_request(batch(b"c"), acks=1), 8)
    broker.wait_until(lambda: broker.node.partitions.find("t", 0).log.end_offset == 3)
    writers[2].send(produce_request(batch(b"u"), topic="u"), 8)
    told = broker.call(HeartbeatRequest(group_id="g", generation_id=1, member_id="nobody"), 4)
    assert told.error_code == ErrorCode.UNKNOWN_MEMBER_ID
    assert values_of(fetch(broker).records) == [(0, b"a")]
    assert committed(broker) == 1
    if error is not None:
        faulty.fail("write", "/t-0/", error)
    files.write_gate.set()
    slots = [writer.receive(0, 8).responses[0].partition_responses[0] for writer in writers]
    expected = [1, 2] if error is None else [-1, -1]
    assert [slot.base_offset for slot in slots] == [*expected, 0]
    assert [slot.error_code for slot in slots] == [STORAGE * (error is not None)] * 2 + [0]
    faulty.heal()
    assert produce(broker, batch(b"d")).base_offset == (3 if error is None else 1)


def test_a_group_whose_record_could_not_be_written_behind_goes_on(faulty: Faulty) -> None:
    broker, files = faulty.broker, faulty.files
    assert commit(broker, 1) == 0
    files.write_gate = threading.Event()
    files.write_gate.set()
    broker.node.journal.note_slow(True)
    faulty.fail("write", "__consumer_offsets", errno.ENOSPC)
    assert commit(broker, 2) == ErrorCode.COORDINATOR_NOT_AVAILABLE
    assert create(broker, "new") == 0
    faulty.fail("write", "__cluster_metadata", errno.ENOSPC)
    assert create(broker, "newer") == STORAGE
    faulty.heal()
    assert committed(broker) == 1
    assert commit(broker, 3) == 0
    assert committed(broker) == 3
    assert create(broker, "newer") == 0


@pytest.mark.parametrize("timestamp", [-1, -3, 0])
def test_whoever_has_an_acknowledgement_finds_his_record(faulty: Faulty, timestamp: int) -> None:
    broker, files = faulty.broker, faulty.files
    start = fetch(broker).high_watermark
    files.gate = threading.Event()
    assert produce(broker, batch(b"b", timestamp=LATER_MS), acks=1).base_offset == start
    assert broker.node.partitions.find("t", 0).log.high_watermark == start
    asker = broker.client()
    part = ListOffsetsPartition(partition_index=0, timestamp=timestamp or LATER_MS)
    asker.send(ListOffsetsRequest(topics=[ListOffsetsTopic(name="t", partitions=[part])]), 7)
    files.gate.set()
    found = asker.receive(2, 7).topics[0].partitions[0]
    assert (found.error_code, found.offset) == (0, start + 1 if timestamp == -1 else start)


def test_a_topic_deleted_amid_writes_answers_them_all(faulty: Faulty) -> None:
    broker, files = faulty.broker, faulty.files
    files.gate = threading.Event()
    writer, reader, deleter = broker.client(), broker.client(), broker.client()
    for number in range(10):
        writer.send(produce_request(batch(b"%d" % number)), 8)
        writer.send(produce_request(batch(b"%d" % number), topic="u"), 8)
    reader.send(fetch_request(1, max_wait_ms=60_000), 11)
    broker.wait_until(lambda: broker.node.partitions.find("t", 0).log.end_offset == 11)
    deleter.send(DeleteTopicsRequest(topic_names=["t"], timeout_ms=1000), 3)
    files.gate.set()
    assert deleter.receive(20, 3).responses[0].error_code == 0
    codes = {"t": set(), "u": set()}  # type: dict[str, set[int]]
    for _ in range(20):
        (told,) = writer.receive(0, 8).responses
        codes[told.name].add(told.partition_responses[0].error_code)
    assert codes["u"] == {0}
    assert codes["t"] <= {0, ErrorCode.NOT_LEADER_OR_FOLLOWER, STORAGE}
    assert reader.receive(1, 11).responses[0].partitions[0].error_code in (
        0,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    )
    broker.create_topic("t")
    assert produce(broker, batch(b"new")).base_offset == 0
    assert values_of(fetch(broker).records) == [(0, b"new")]

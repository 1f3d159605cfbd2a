"""Fetch over the wire: offsets, limits, waiting, sessions, old formats."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.fetch import FetchTopic, ForgottenTopic
from kafkacompat_protocol.records.legacy import iterate_messages
from tests.support.clock import FakeClock
from tests.support.node import RunningNode, running_node
from tests.support.produced import batch, fetch, fetch_request, produce, values_of


@pytest.fixture(scope="module")
def topic_id(broker: RunningNode) -> bytes:
    """A topic of four partitions; the first holds three batches of two records."""
    topic_id = broker.create_topic("t", 4)
    for number in range(3):
        produce(broker, batch(b"a%d" % number, b"b%d" % number))
    return topic_id


ALL = [(0, b"a0"), (1, b"b0"), (2, b"a1"), (3, b"b1"), (4, b"a2"), (5, b"b2")]


@pytest.mark.parametrize("version", range(4, 19))
def test_records_are_read_in_every_version(
    broker: RunningNode, topic_id: bytes, version: int
) -> None:
    found = fetch(broker, 0, version, topic_id=topic_id)
    assert (found.error_code, found.high_watermark, found.last_stable_offset) == (0, 6, 6)
    assert values_of(found.records) == ALL


@pytest.mark.parametrize("version", range(4))
def test_versions_before_4_get_old_message_formats(
    broker: RunningNode, topic_id: bytes, version: int
) -> None:
    found = fetch(broker, 0, version)
    assert bytes(found.records)[16] == (0 if version < 2 else 1)
    messages = list(iterate_messages(bytes(found.records)))
    assert [(message.offset, message.value) for message in messages] == ALL


def test_a_fetch_in_the_middle_of_a_batch_gets_the_whole_batch(
    broker: RunningNode, topic_id: bytes
) -> None:
    assert values_of(fetch(broker, 3).records) == ALL[2:]


@pytest.mark.parametrize("offset", [-1, 7, 1 << 40])
def test_an_offset_outside_the_log_is_out_of_range(
    broker: RunningNode, topic_id: bytes, offset: int
) -> None:
    found = fetch(broker, offset)
    assert found.error_code == ErrorCode.OFFSET_OUT_OF_RANGE


def test_the_end_of_the_log_has_no_records_and_no_error(
    broker: RunningNode, topic_id: bytes
) -> None:
    found = fetch(broker, 6)
    assert (found.error_code, len(found.records)) == (0, 0)


def test_the_first_batch_comes_whole_however_small_the_limit(
    broker: RunningNode, topic_id: bytes
) -> None:
    assert values_of(fetch(broker, 0, partition_max_bytes=1, max_bytes=1).records) == ALL[:2]


def test_limits_are_kept_beyond_the_first_batch(broker: RunningNode, topic_id: bytes) -> None:
    size = len(batch(b"a0", b"b0"))
    found = fetch(broker, 0, partition_max_bytes=2 * size + 5)
    assert values_of(found.records) == ALL[:4]


def test_a_partition_that_does_not_exist_is_unknown(broker: RunningNode, topic_id: bytes) -> None:
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert fetch(broker, topic="missing").error_code == unknown
    assert fetch(broker, partition=9).error_code == unknown
    found = fetch(broker, 0, 13, topic_id=bytes(15) + b"\x09")
    assert found.error_code == ErrorCode.UNKNOWN_TOPIC_ID


def test_a_leader_epoch_other_than_ours_is_told(broker: RunningNode, topic_id: bytes) -> None:
    assert fetch(broker, current_leader_epoch=0).error_code == 0
    assert fetch(broker, current_leader_epoch=5).error_code == ErrorCode.UNKNOWN_LEADER_EPOCH


def test_zstd_that_a_producer_chose_is_passed_on_from_version_4(
    broker: RunningNode, topic_id: bytes
) -> None:
    produce(broker, batch(b"z", compression=4), index=1)
    assert fetch(broker, 0, 3, partition=1).error_code == ErrorCode.UNSUPPORTED_COMPRESSION_TYPE
    assert values_of(fetch(broker, 0, 4, partition=1).records) == [(0, b"z")]


def test_a_topic_of_zstd_needs_version_10(broker: RunningNode) -> None:
    broker.create_topic("zstd", compression_type="zstd")
    produce(broker, batch(b"z", compression=4), topic="zstd")
    code = ErrorCode.UNSUPPORTED_COMPRESSION_TYPE
    assert fetch(broker, 0, 9, topic="zstd").error_code == code
    assert values_of(fetch(broker, 0, 10, topic="zstd").records) == [(0, b"z")]


def test_a_fetch_at_the_end_waits_for_what_comes(broker: RunningNode, topic_id: bytes) -> None:
    client = broker.client()
    client.send(fetch_request(0, partition=2, max_wait_ms=60_000), 11)
    produce(broker, batch(b"new"), index=2)
    found = client.receive(1, 11).responses[0].partitions[0]
    assert values_of(found.records) == [(0, b"new")]


def test_a_fetch_waits_until_it_has_as_much_as_it_asked_for(
    broker: RunningNode, topic_id: bytes
) -> None:
    one = len(batch(b"one"))
    client = broker.client()
    client.send(fetch_request(0, partition=3, max_wait_ms=60_000, min_bytes=one + 1), 11)
    produce(broker, batch(b"one"), index=3)
    produce(broker, batch(b"two"), index=3)
    found = client.receive(1, 11).responses[0].partitions[0]
    assert values_of(found.records) == [(0, b"one"), (1, b"two")]


def test_a_fetch_that_finds_nothing_is_answered_when_its_time_is_up() -> None:
    clock = FakeClock()
    with running_node(clock=clock) as broker:
        broker.create_topic("t")
        client = broker.client()
        client.send(fetch_request(0, max_wait_ms=500), 11)
        broker.wait_until(lambda: bool(broker.node.partitions.find("t", 0).waiting))
        broker.run(lambda: clock.advance(437))  # up to an eighth early
        assert broker.run(lambda: bool(broker.node.partitions.find("t", 0).waiting))
        broker.run(lambda: clock.advance(63))
        assert len(client.receive(1, 11).responses[0].partitions[0].records) == 0


def test_an_error_is_not_kept_waiting(broker: RunningNode, topic_id: bytes) -> None:
    request = fetch_request(99, max_wait_ms=60_000)
    found = broker.call(request, 11).responses[0].partitions[0]
    assert found.error_code == ErrorCode.OFFSET_OUT_OF_RANGE


# --- sessions (KIP-227)


def test_a_session_tells_only_what_is_new() -> None:
    with running_node() as broker:
        broker.create_topic("t", 2)
        client = broker.client()
        request = fetch_request(0, session_epoch=0)
        request.topics[0].partitions.append(fetch_request(0, partition=1).topics[0].partitions[0])
        first = client.call(request, 11)
        assert first.session_id > 0
        assert len(first.responses[0].partitions) == 2
        nothing = fetch_request(0, session_id=first.session_id, session_epoch=1)
        nothing.topics = []
        assert client.call(nothing, 11).responses == []
        produce(broker, batch(b"x"), index=1)
        nothing.session_epoch = 2
        told = client.call(nothing, 11)
        assert [p.partition_index for p in told.responses[0].partitions] == [1]


def test_a_partition_can_be_dropped_from_a_session() -> None:
    with running_node() as broker:
        broker.create_topic("t")
        produce(broker, batch(b"x"))
        client = broker.client()
        session_id = client.call(fetch_request(0, session_epoch=0), 11).session_id
        request = fetch_request(0, session_id=session_id, session_epoch=1)
        request.topics = []
        request.forgotten_topics_data = [ForgottenTopic(topic="t", partitions=[0])]
        assert client.call(request, 11).responses == []
        produce(broker, batch(b"y"))
        request.forgotten_topics_data, request.session_epoch = [], 2
        assert client.call(request, 11).responses == []


def test_a_session_that_is_not_there_or_out_of_step_is_refused(
    broker: RunningNode, topic_id: bytes
) -> None:
    told = broker.call(fetch_request(0, session_id=12345, session_epoch=1), 11)
    assert told.error_code == ErrorCode.FETCH_SESSION_ID_NOT_FOUND
    session_id = broker.call(fetch_request(0, session_epoch=0), 11).session_id
    told = broker.call(fetch_request(0, session_id=session_id, session_epoch=5), 11)
    assert told.error_code == ErrorCode.INVALID_FETCH_SESSION_EPOCH


def test_closing_a_session_ends_it(broker: RunningNode, topic_id: bytes) -> None:
    session_id = broker.call(fetch_request(0, session_epoch=0), 11).session_id
    closing = fetch_request(0, session_id=session_id, session_epoch=-1)
    assert broker.call(closing, 11).session_id == 0
    told = broker.call(fetch_request(0, session_id=session_id, session_epoch=1), 11)
    assert told.error_code == ErrorCode.FETCH_SESSION_ID_NOT_FOUND


def test_several_topics_share_the_limit_of_the_whole_answer(
    broker: RunningNode, topic_id: bytes
) -> None:
    broker.create_topic("second")
    produce(broker, batch(b"s"), topic="second")
    request = fetch_request(0, max_bytes=1)
    request.topics.append(FetchTopic(topic="second", partitions=request.topics[0].partitions))
    told = broker.call(request, 11)
    sizes = [len(topic.partitions[0].records) for topic in told.responses]
    assert sizes[0] > 0
    assert sizes[1] == 0


def test_what_is_wrong_with_a_session_is_told_of_no_partition(broker: RunningNode) -> None:
    told = broker.call(fetch_request(0, session_id=99, session_epoch=7), 11)
    assert (told.error_code, told.responses) == (ErrorCode.FETCH_SESSION_ID_NOT_FOUND, [])


def test_a_fetch_of_no_partitions_is_answered_at_once(broker: RunningNode) -> None:
    request = fetch_request(0, max_wait_ms=600_000)
    request.topics = []
    assert broker.call(request, 11).responses == []


def test_a_waiting_fetch_that_fails_is_answered_and_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*args: object, **how: object) -> None:
        raise ZeroDivisionError

    with running_node() as broker:
        broker.create_topic("t")
        client = broker.client()
        client.send(fetch_request(0, max_wait_ms=60_000), 11)
        partition = broker.node.partitions.find("t", 0)
        broker.wait_until(lambda: bool(partition.waiting))
        monkeypatch.setattr(partition.log, "read", broken)
        assert produce(broker, batch(b"x")).error_code == 0
        assert client.receive(1, 11).error_code == ErrorCode.UNKNOWN_SERVER_ERROR
        assert not partition.waiting

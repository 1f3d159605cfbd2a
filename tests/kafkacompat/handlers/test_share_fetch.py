"""ShareFetch over the wire: sessions, acquisition, waiting, what is sent and what is not."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.records.control import build_end_txn_batch
from tests.support.clock import FakeClock
from tests.support.node import RunningNode, running_node
from tests.support.produced import NOW_MS, batch, produce
from tests.support.sharing import ACCEPT, RELEASE, RENEW, Member, acquired, configure_group

topics = (f"t{number}" for number in range(1_000))


@pytest.fixture
def topic(broker: RunningNode) -> tuple[str, bytes]:
    """A topic of its own for each test, of which groups read from the beginning."""
    name = next(topics)
    configure_group(broker, share_auto_offset_reset="earliest")
    return name, broker.create_topic(name, 2)


Topic = tuple[str, bytes]


def give(broker: RunningNode, topic: Topic, *values: bytes, **fields: object) -> None:
    assert produce(broker, batch(*values), topic=topic[0], **fields).error_code == 0


@pytest.mark.parametrize("version", [1, 2])
def test_records_are_acquired_and_acknowledged_in_every_version(
    broker: RunningNode, topic: Topic, version: int
) -> None:
    give(broker, topic, b"a", b"b")
    member = Member(broker, topic[1], version=version)

    answer = member.fetch()

    assert answer.acquisition_lock_timeout_ms == 30_000
    assert acquired(answer) == [(0, b"a", 1), (1, b"b", 1)]
    told = member.fetch([(0, 1, [ACCEPT])], max_wait_ms=0)
    data = told.responses[0].partitions[0]
    assert (data.acknowledge_error_code, data.acquired_records) == (0, [])
    member.client.close()
    assert Member(broker, topic[1], "other").take(max_wait_ms=0) == []


def test_a_record_is_with_one_member_only(broker: RunningNode, topic: Topic) -> None:
    give(broker, topic, b"a", b"b")
    give(broker, topic, b"c")
    one, two = Member(broker, topic[1], "one"), Member(broker, topic[1], "two")

    assert one.take(max_records=1) == [(0, b"a", 1), (1, b"b", 1)]
    assert two.take() == [(2, b"c", 1)]
    assert one.take(max_wait_ms=0) == []


def test_a_strict_limit_gives_not_one_record_more(broker: RunningNode, topic: Topic) -> None:
    give(broker, topic, b"a", b"b", b"c")
    member = Member(broker, topic[1])

    assert member.take(max_records=1, share_acquire_mode=1) == [(0, b"a", 1)]
    assert member.take(max_records=1, share_acquire_mode=1) == [(1, b"b", 1)]


def test_groups_have_nothing_to_do_with_each_other(broker: RunningNode, topic: Topic) -> None:
    give(broker, topic, b"a")
    configure_group(broker, "h", share_auto_offset_reset="earliest")

    assert Member(broker, topic[1]).take() == [(0, b"a", 1)]
    assert Member(broker, topic[1], group_id="h").take() == [(0, b"a", 1)]


def test_a_group_begins_with_what_comes_unless_it_says_otherwise(
    broker: RunningNode, topic: Topic
) -> None:
    give(broker, topic, b"old")
    member = Member(broker, topic[1], group_id="fresh")
    member.fetch(max_wait_ms=300)
    give(broker, topic, b"new")

    assert member.take() == [(1, b"new", 1)]


def test_a_group_may_begin_some_time_ago(broker: RunningNode, topic: Topic) -> None:
    now_ms = broker.node.clock.wall_ms()
    old = batch(b"old", timestamp=now_ms - 7_200_000)
    assert produce(broker, old, topic=topic[0]).error_code == 0
    assert produce(broker, batch(b"new", timestamp=now_ms), topic=topic[0]).error_code == 0
    configure_group(broker, "ago", share_auto_offset_reset="by_duration:PT1H")

    assert Member(broker, topic[1], group_id="ago").take() == [(1, b"new", 1)]


def test_a_fetch_waits_for_records(broker: RunningNode, topic: Topic) -> None:
    member = Member(broker, topic[1])
    member.fetch(max_wait_ms=300)
    member.client.send(member.request(max_wait_ms=15_000), 2)
    give(broker, topic, b"a")

    assert acquired(member.client.receive(78, 2)) == [(0, b"a", 1)]


def test_a_fetch_waits_for_records_that_another_member_releases(
    broker: RunningNode, topic: Topic
) -> None:
    give(broker, topic, b"a")
    one, two = Member(broker, topic[1], "one"), Member(broker, topic[1], "two")
    one.take()
    two.client.send(two.request(max_wait_ms=15_000), 2)
    assert one.acknowledged((0, 0, [RELEASE])) == 0

    assert acquired(two.client.receive(78, 2)) == [(0, b"a", 2)]


def test_what_a_member_had_is_free_when_its_connection_ends(
    broker: RunningNode, topic: Topic
) -> None:
    give(broker, topic, b"a")
    one, two = Member(broker, topic[1], "one"), Member(broker, topic[1], "two")
    one.take()
    two.client.send(two.request(max_wait_ms=15_000), 2)
    one.client.close()

    assert acquired(two.client.receive(78, 2)) == [(0, b"a", 2)]


def test_what_a_member_had_is_free_when_its_session_ends(broker: RunningNode, topic: Topic) -> None:
    give(broker, topic, b"a", b"b")
    one = Member(broker, topic[1], "one")
    one.take()
    answer = one.fetch([(0, 0, [ACCEPT])], share_session_epoch=-1)

    assert answer.responses[0].partitions[0].acknowledge_error_code == 0
    assert Member(broker, topic[1], "two").take() == [(1, b"b", 2)]
    assert one.fetch().error_code == ErrorCode.SHARE_SESSION_NOT_FOUND


def test_a_new_session_takes_the_place_of_one_that_the_member_has(
    broker: RunningNode, topic: Topic
) -> None:
    give(broker, topic, b"a")
    before, after = Member(broker, topic[1]), Member(broker, topic[1])
    before.take()

    assert after.take() == [(0, b"a", 2)]
    before.client.close()
    assert after.acknowledged((0, 0, [ACCEPT])) == 0


def test_a_lock_ends_by_the_nodes_clock() -> None:
    clock = FakeClock()
    with running_node(clock=clock) as broker:
        configure_group(broker, share_auto_offset_reset="earliest")
        topic = "t", broker.create_topic("t")
        give(broker, topic, b"a")
        one, two = Member(broker, topic[1], "one"), Member(broker, topic[1], "two")
        assert one.take() == [(0, b"a", 1)]
        two.client.send(two.request(max_wait_ms=60_000), 2)
        broker.wait_until(lambda: bool(broker.node.share._waiting))
        broker.run(lambda: clock.advance(30_000))

        assert acquired(two.client.receive(78, 2)) == [(0, b"a", 2)]
        assert one.acknowledged((0, 0, [ACCEPT])) == ErrorCode.INVALID_RECORD_STATE


def test_a_lock_that_is_renewed_lasts_longer_and_nothing_is_fetched() -> None:
    clock = FakeClock()
    with running_node(clock=clock) as broker:
        configure_group(broker, share_auto_offset_reset="earliest")
        topic = "t", broker.create_topic("t")
        give(broker, topic, b"a")
        member = Member(broker, topic[1])
        member.take()
        give(broker, topic, b"b")
        broker.run(lambda: clock.advance(20_000))
        answer = member.fetch([(0, 0, [RENEW])], is_renew_ack=True)
        broker.run(lambda: clock.advance(20_000))

        assert answer.responses[0].partitions[0].acknowledge_error_code == 0
        assert acquired(answer) == []
        assert member.acknowledged((0, 0, [ACCEPT])) == 0


def test_the_window_takes_no_more_than_its_locks(broker: RunningNode, topic: Topic) -> None:
    configure_group(
        broker, "w", share_auto_offset_reset="earliest", share_partition_max_record_locks="100"
    )
    for _ in range(3):
        give(broker, topic, *[b"x"] * 50)
    one = Member(broker, topic[1], "one", group_id="w")
    two = Member(broker, topic[1], "two", group_id="w")

    assert len(one.take()) == 100
    two.client.send(two.request(max_wait_ms=15_000), 2)
    assert one.acknowledged((0, 49, [ACCEPT])) == 0
    assert [offset for offset, _, _ in acquired(two.client.receive(78, 2))] == list(range(100, 150))


def test_only_batches_with_acquired_records_are_sent(broker: RunningNode, topic: Topic) -> None:
    for value in (b"a", b"b", b"c"):
        give(broker, topic, value)
    one, two = Member(broker, topic[1], "one"), Member(broker, topic[1], "two")
    one.take()
    one.acknowledge((0, 0, [RELEASE]), (1, 1, [ACCEPT]), (2, 2, [RELEASE]))

    data = two.fetch().responses[0].partitions[0]

    assert len(data.records) == 2 * len(batch(b"a"))
    assert [found.first_offset for found in data.acquired_records] == [0, 2]


def test_a_fetch_waits_for_as_many_bytes_as_it_asks_for(broker: RunningNode, topic: Topic) -> None:
    member = Member(broker, topic[1])
    give(broker, topic, b"a")
    size = len(batch(b"a"))
    member.fetch(max_wait_ms=300, min_bytes=10_000_000, max_bytes=1)
    member.acknowledge((0, 0, [RELEASE]))
    member.client.send(member.request(max_wait_ms=15_000, min_bytes=size + 1), 2)
    give(broker, topic, b"b")

    assert [found[0] for found in acquired(member.client.receive(78, 2))] == [0, 1]


def test_partitions_take_turns(broker: RunningNode, topic: Topic) -> None:
    for index in (0, 1):
        for value in (b"a", b"b"):
            give(broker, topic, value, index=index)
    member = Member(broker, topic[1], partitions=(0, 1))

    served = [
        member.fetch(max_records=1).responses[0].partitions[0].partition_index for _ in range(3)
    ]

    assert served == [0, 1, 0]


def test_a_partition_that_is_forgotten_is_not_fetched(broker: RunningNode, topic: Topic) -> None:
    give(broker, topic, b"a")
    member = Member(broker, topic[1], partitions=(1,))
    member.begin()
    member.partitions = (0,)
    member.begin()

    assert member.take(topics=[], forgotten=[0], max_wait_ms=0) == []


def test_read_committed_gives_only_what_is_committed(broker: RunningNode, topic: Topic) -> None:
    name, topic_id = topic
    configure_group(
        broker,
        "rc",
        share_auto_offset_reset="earliest",
        share_isolation_level="read_committed",
    )
    append(broker, name, transactional(7, 0, b"aborted"), marker(7, commit=False))
    append(broker, name, transactional(7, 1, b"good"), marker(7, commit=True))
    append(broker, name, transactional(8, 0, b"open"))

    member = Member(broker, topic_id, group_id="rc")

    assert member.take() == [(2, b"good", 1)]
    assert member.acknowledged((2, 2, [ACCEPT])) == 0
    assert member.take(max_wait_ms=0) == []
    other = Member(broker, topic_id)
    assert [value for _, value, _ in other.take()] == [b"aborted", b"good", b"open"]


def transactional(producer_id: int, sequence: int, value: bytes) -> bytes:
    return batch(
        value,
        producer_id=producer_id,
        producer_epoch=0,
        base_sequence=sequence,
        is_transactional=True,
    )


def marker(producer_id: int, *, commit: bool) -> bytearray:
    return build_end_txn_batch(
        commit=commit,
        producer_id=producer_id,
        producer_epoch=0,
        coordinator_epoch=0,
        timestamp_ms=NOW_MS,
    )


def append(broker: RunningNode, topic: str, *batches: bytes | bytearray) -> None:
    """Append as the broker itself does, which may write markers."""

    def work() -> None:
        partition = broker.node.partitions.find(topic, 0)
        for content in batches:
            broker.node.journal.append(
                partition.log,
                memoryview(bytearray(content)),
                now_ms=broker.node.clock.wall_ms(),
                leader_epoch=partition.leader_epoch,
            )

    broker.run(work)


def test_sessions_follow_their_epochs(broker: RunningNode, topic: Topic) -> None:
    member = Member(broker, topic[1], "new here")
    invalid, missing = ErrorCode.INVALID_SHARE_SESSION_EPOCH, ErrorCode.SHARE_SESSION_NOT_FOUND

    assert member.fetch(share_session_epoch=1).error_code == missing
    assert member.fetch(share_session_epoch=-1).error_code == missing
    member.begin()
    assert member.fetch(share_session_epoch=2).error_code == invalid
    assert member.fetch(share_session_epoch=1, max_wait_ms=0).error_code == 0


def test_there_are_only_so_many_sessions() -> None:
    with running_node({"group.share.max.share.sessions": "1"}) as broker:
        topic_id = broker.create_topic("t")
        Member(broker, topic_id, "one").begin()

        code = Member(broker, topic_id, "two").fetch().error_code

        assert code == ErrorCode.SHARE_SESSION_LIMIT_REACHED


def test_requests_that_make_no_sense_are_refused(broker: RunningNode, topic: Topic) -> None:
    member = Member(broker, topic[1], "never seen")
    invalid = ErrorCode.INVALID_REQUEST

    assert member.fetch(member_id="").error_code == invalid
    assert member.fetch(group_id=None).error_code == invalid
    assert member.fetch([(0, 0, [ACCEPT])]).error_code == invalid  # with the first epoch


def test_a_partition_that_does_not_exist_is_told_of_at_once(
    broker: RunningNode, topic: Topic
) -> None:
    missing = Member(broker, bytes(range(16)), "one").fetch(max_wait_ms=15_000)
    beyond = Member(broker, topic[1], "two", partitions=(9,)).fetch(max_wait_ms=15_000)

    assert missing.responses[0].partitions[0].error_code == ErrorCode.UNKNOWN_TOPIC_ID
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert beyond.responses[0].partitions[0].error_code == unknown


def test_a_refused_acknowledgement_does_not_keep_records_away(
    broker: RunningNode, topic: Topic
) -> None:
    give(broker, topic, b"a")
    member = Member(broker, topic[1])
    member.begin()

    data = member.fetch([(5, 5, [ACCEPT])]).responses[0].partitions[0]

    assert data.acknowledge_error_code == ErrorCode.INVALID_REQUEST
    assert len(data.acquired_records) == 1

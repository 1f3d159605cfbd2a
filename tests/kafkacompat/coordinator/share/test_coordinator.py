"""The coordinator of share-partitions: what a restart keeps, and what goes with what."""

from pathlib import Path

from kafkacompat.coordinator.share.records import SharePartitionId
from kafkacompat.coordinator.share.share_partition import ShareLimits
from kafkacompat.metadata.internal_topics import SHARE_STATE_TOPIC
from kafkacompat_protocol.messages.delete_topics import DeleteTopicsRequest
from tests.support.node import RunningNode, running_node
from tests.support.produced import batch, produce
from tests.support.sharing import ACCEPT, RELEASE, Member, configure_group


def started(broker: RunningNode, *values: bytes) -> bytes:
    configure_group(broker, share_auto_offset_reset="earliest")
    topic_id = broker.create_topic("t")
    produce(broker, batch(*values))
    return topic_id


def known(broker: RunningNode, group_id: str = "g") -> list[SharePartitionId]:
    return broker.run(lambda: [each.which for each in broker.node.share.of_group(group_id)])


def test_what_was_acknowledged_is_gone_after_a_restart_and_the_rest_is_not(
    tmp_path: Path,
) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "fsync"}
    with running_node(on_disk) as broker:
        topic_id = started(broker, b"a", b"b", b"c", b"d")
        member = Member(broker, topic_id)
        assert len(member.take()) == 4
        assert member.acknowledged((0, 1, [ACCEPT]), (2, 2, [RELEASE])) == 0
    with running_node(on_disk) as broker:
        released, never_acknowledged = Member(broker, topic_id).take()
        assert released == (2, b"c", 2)
        assert never_acknowledged[0] == 3


def test_state_that_the_log_no_longer_goes_with_is_cut() -> None:
    with running_node() as broker:
        topic_id = started(broker, b"a", b"b", b"c")
        produce(broker, batch(b"d"))
        member = Member(broker, topic_id)
        member.begin()
        broker.run(lambda: broker.node.partitions.find("t", 0).log.advance_log_start(3))

        assert member.take() == [(3, b"d", 1)]


def test_the_internal_topic_is_made_when_it_is_needed_and_never_cleaned() -> None:
    with running_node({"share.coordinator.state.topic.num.partitions": "3"}) as broker:
        member = Member(broker, started(broker, b"a"))
        assert SHARE_STATE_TOPIC not in broker.node.image.topics
        assert len(member.take()) == 1

        assert len(broker.node.image.topics[SHARE_STATE_TOPIC].partitions) == 3
        config = broker.node.image.config(2, SHARE_STATE_TOPIC)
        assert config["retention.ms"] == "-1"


def test_what_a_group_had_of_a_topic_goes_with_the_topic() -> None:
    with running_node() as broker:
        Member(broker, started(broker, b"a")).take()
        assert len(known(broker)) == 1

        broker.call(DeleteTopicsRequest(topic_names=["t"], timeout_ms=1000), 4)

        assert known(broker) == []


def test_what_a_member_had_is_free_when_it_leaves() -> None:
    with running_node() as broker:
        topic_id = started(broker, b"a")
        Member(broker, topic_id, "one").take()
        broker.run(lambda: broker.node.share.member_left("g", "one"))
        broker.run(lambda: broker.node.share.member_left("g", "nobody"))

        assert Member(broker, topic_id, "two").take() == [(0, b"a", 2)]


def test_limits_are_the_groups_own_or_the_brokers() -> None:
    broker_wide = {
        "group.share.record.lock.duration.ms": "20000",
        "share.coordinator.snapshot.update.records.per.snapshot": "7",
    }
    with running_node(broker_wide) as broker:
        configure_group(broker, share_delivery_count_limit="3")

        assert broker.run(lambda: broker.node.share.limits("g")) == ShareLimits(
            lock_duration_ms=20_000, delivery_count_limit=3, updates_per_snapshot=7
        )


def test_many_updates_are_followed_by_a_snapshot_and_all_is_there_after_a_restart(
    tmp_path: Path,
) -> None:
    on_disk = {
        "log.dirs": str(tmp_path / "data"),
        "kafkacompat.durability": "os",
        "share.coordinator.snapshot.update.records.per.snapshot": "2",
    }
    with running_node(on_disk) as broker:
        topic_id = started(broker, *[b"x"] * 10)
        member = Member(broker, topic_id)
        member.take()
        for offset in range(8):
            assert member.acknowledged((offset, offset, [ACCEPT])) == 0
    with running_node(on_disk) as broker:
        assert [found[0] for found in Member(broker, topic_id).take()] == [8, 9]


def test_what_is_not_needed_is_removed_from_the_log(tmp_path: Path) -> None:
    on_disk = {
        "log.dirs": str(tmp_path / "data"),
        "kafkacompat.durability": "os",
        "share.coordinator.snapshot.update.records.per.snapshot": "2",
        "share.coordinator.state.topic.num.partitions": "1",
    }
    with running_node(on_disk) as broker:
        topic_id = started(broker, *[b"x"] * 10)
        member = Member(broker, topic_id)
        member.take()
        for offset in range(4):
            assert member.acknowledged((offset, offset, [ACCEPT])) == 0
        (shard,) = broker.run(lambda: list(broker.node.share.shards()))
        broker.run(lambda: broker.node.share.prune(shard))

        assert shard.partition.log.log_start_offset == 3
    with running_node(on_disk) as broker:
        assert [found[0] for found in Member(broker, topic_id).take()] == [4, 5, 6, 7, 8, 9]

"""The share-partitions of one partition of the internal topic."""

from kafkacompat.coordinator.share.records import SharePartitionId
from kafkacompat.coordinator.share.shard import ShareShard
from kafkacompat.partitions.partition import Partition
from tests.support.batches import memory_log

ONE, TWO = (SharePartitionId("g", bytes(16), index) for index in range(2))


def shard() -> ShareShard:
    return ShareShard(Partition("__share_group_state", bytes(16), 0, memory_log()))


def test_a_share_partition_is_there_once_a_group_has_begun_with_it() -> None:
    made = shard()
    machine = made.share_partition(ONE)

    assert made.find(ONE) is None
    (write,) = machine.begin(5, 0, None, 0).records
    assert made.written(write.key, write.value, 0, 0)
    assert made.find(ONE) is machine
    assert made.share_partition(ONE) is machine


def test_what_was_written_is_loaded() -> None:
    before, after = shard(), shard()
    (write,) = before.share_partition(ONE).begin(5, 0, None, 0).records

    after.load(write.key, write.value, 0, 0)

    found = after.find(ONE)
    assert found is not None
    assert found.window is not None
    assert found.window.start_offset == 5
    after.load(write.key, None, 1, 0)
    assert after.find(ONE) is None


def test_what_lies_before_every_snapshot_is_not_needed() -> None:
    made = shard()
    for offset, which in ((3, ONE), (7, TWO)):
        (write,) = made.share_partition(which).begin(5, 0, None, 0).records
        made.written(write.key, write.value, offset, 0)
        made.apply(write.key, write.value, offset, 0)

    assert made.first_needed() == 3
    assert [machine.which for machine in made.older_than(7)] == [ONE]
    made.load(made.share_partition(ONE).begin(5, 0, None, 0).records[0].key, None, 8, 0)
    assert made.first_needed() == 7


def test_a_snapshot_that_is_not_durable_replaces_none() -> None:
    made = shard()
    machine = made.share_partition(ONE)
    (write,) = machine.begin(5, 0, None, 0).records
    made.written(write.key, write.value, 3, 0)
    made.apply(write.key, write.value, 3, 0)
    (write,) = machine.snapshot(0).records
    made.written(write.key, write.value, 9, 0)

    assert made.first_needed() == 3
    made.apply(write.key, write.value, 9, 0)
    assert made.first_needed() == 9

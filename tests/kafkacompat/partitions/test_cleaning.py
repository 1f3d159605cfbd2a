"""Compaction in a running node: what is due, what is asked for, and what goes wrong."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from kafkacompat.partitions.cleaning import Cleaning, Failed, Found, Unfinished
from kafkacompat.partitions.cleaning_process import CleaningProcess
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.messages.delete_topics import DeleteTopicsRequest
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.init_producer_id import InitProducerIdRequest
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafkacompat_protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
)
from kafkacompat_protocol.records.batch import read_batches
from kafkacompat_protocol.records.record import Record, build_records_batch, iterate_records
from kafkacompat_storage.compaction.lines import Ended
from kafkacompat_storage.names import TopicPartition
from tests.support.altering import alter, resource
from tests.support.node import TIMEOUT_S, RunningNode, running_node
from tests.support.produced import NOW_MS, fetch, produce

PLACE = TopicPartition("t", 0)
COMPACTED = {"cleanup_policy": "compact", "segment_bytes": str(1 << 20)}
VALUE = b"v" * 10_000
TOPIC_RESOURCE = 2


def config_of(folder: Path, **more: str) -> dict[str, str]:
    given = {key.replace("_", "."): value for key, value in more.items()}
    return {
        "log.dirs": str(folder / "data"),
        "kafkacompat.durability": "os",
        "log.cleaner.backoff.ms": "5",
    } | given


def fill(broker: RunningNode, count: int = 300, keys: int = 7) -> None:
    """Write about 3 MB: three segments and some."""
    for first in range(0, count, 20):
        records = [
            Record(at, NOW_MS, b"k%d" % ((first + at) % keys), b"%d " % (first + at) + VALUE)
            for at in range(20)
        ]
        assert produce(broker, bytes(build_records_batch(records))).error_code == 0


def read(broker: RunningNode) -> dict[int, bytes | None]:
    """Return the first bytes of all values, by offset."""
    found: dict[int, bytes | None] = {}
    offset = 0
    while True:
        slot = fetch(broker, offset, partition_max_bytes=1 << 22)
        assert slot.error_code == 0
        content = bytes(slot.records or b"")
        if not content:
            return found
        for at, header in read_batches(content):
            for record in iterate_records(content[at : at + header.size]):
                found[record.offset] = (record.value or b"").partition(b" ")[0]
            offset = header.next_offset


def compact(broker: RunningNode, topic: str = "t", index: int = 0) -> None:
    work = broker.node.cleaning.compact(topic, index)
    asyncio.run_coroutine_threadsafe(work, broker.loop).result(TIMEOUT_S)


def cleaned_to(broker: RunningNode) -> int | None:
    return broker.run(lambda: broker.node.store.cleaned_to(*PLACE))


@pytest.mark.parametrize("in_memory", [False, True])
def test_asked_to_compact_it_keeps_the_newest_of_each_key(tmp_path: Path, in_memory: bool) -> None:
    config = {} if in_memory else config_of(tmp_path)
    with running_node(config | {"log.cleaner.enable": "false"}) as broker:
        broker.create_topic("t", **COMPACTED)
        fill(broker)
        compact(broker)
        newest = {offset: b"%d" % offset for offset in range(293, 300)}
        assert read(broker) == newest
        assert cleaned_to(broker) == 300
        fill(broker, 20, keys=3)
        compact(broker)
        assert read(broker) == {offset: b"%d" % offset for offset in (293, 297, 298, 299)} | {
            317: b"17",
            318: b"18",
            319: b"19",
        }
        if not in_memory:
            noted = (tmp_path / "data" / "cleaner-offset-checkpoint").read_text()
            assert noted.split() == ["0", "1", "t", "0", "320"]
    if not in_memory:
        with running_node(config) as broker:
            assert cleaned_to(broker) == 320
            assert len(read(broker)) == 7


def test_what_is_due_is_compacted_without_being_asked(tmp_path: Path) -> None:
    with running_node(config_of(tmp_path)) as broker:
        broker.create_topic("t", **COMPACTED)
        broker.create_topic("other", segment_bytes=str(1 << 20))
        fill(broker)
        broker.wait_until(lambda: (broker.node.store.cleaned_to(*PLACE) or 0) >= 200)
        found = read(broker)
        assert {offset: b"%d" % offset for offset in range(293, 300)}.items() <= found.items()
        assert len(found) < 120
        broker.wait_until(lambda: broker.node.cleaning._lanes == 0)


def test_changed_configurations_count_at_once(tmp_path: Path) -> None:
    with running_node(config_of(tmp_path)) as broker:
        broker.create_topic("t", min_cleanable_dirty_ratio="1", **COMPACTED)
        fill(broker)
        broker.wait_until(lambda: broker.node.cleaning._lanes == 0)
        assert cleaned_to(broker) is None
        alter(broker, resource(TOPIC_RESOURCE, "t", min_compaction_lag_ms=str(1 << 60)))
        alter(broker, resource(TOPIC_RESOURCE, "t", min_cleanable_dirty_ratio="0.1"))
        broker.wait_until(lambda: broker.node.cleaning._lanes == 0)
        assert cleaned_to(broker) is None
        alter(broker, resource(TOPIC_RESOURCE, "t", min_compaction_lag_ms="0"))
        broker.wait_until(lambda: (broker.node.store.cleaned_to(*PLACE) or 0) >= 200)


def test_a_late_log_is_compacted_however_little_is_new(tmp_path: Path) -> None:
    with running_node(config_of(tmp_path)) as broker:
        broker.create_topic("t", min_cleanable_dirty_ratio="1", **COMPACTED)
        fill(broker)
        alter(broker, resource(TOPIC_RESOURCE, "t", max_compaction_lag_ms="1000"))
        broker.wait_until(lambda: (broker.node.store.cleaned_to(*PLACE) or 0) >= 200)


def test_a_batch_that_cannot_be_read_stops_compaction_and_nothing_else(tmp_path: Path) -> None:
    with running_node(config_of(tmp_path, log_cleaner_enable="false")) as broker:
        broker.create_topic("t", **COMPACTED)
        fill(broker)
        path = tmp_path / "data" / "t-0" / f"{0:020d}.log"
        content = path.read_bytes()
        with path.open("r+b") as file:
            file.seek(500)
            file.write(bytes([content[500] ^ 1]))
        with pytest.raises(Unfinished, match="CRC does not match"):
            compact(broker)
        cleaning = broker.node.cleaning
        found = broker.run(lambda: list(cleaning._candidates()))
        assert [partition.topic for partition in found] == ["t"]

        async def lane() -> None:
            cleaning._lanes += 1
            await cleaning._lane()

        asyncio.run_coroutine_threadsafe(lane(), broker.loop).result(TIMEOUT_S)
        assert broker.run(lambda: list(cleaning._candidates())) == []
        assert "CRC does not match" in cleaning.uncleanable[PLACE][1]
        path.write_bytes(content)
        assert len(read(broker)) == 300
        fill(broker, 20)


def test_a_worker_that_dies_means_another_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[CleaningProcess] = []
    start = CleaningProcess._start

    def note(process: CleaningProcess, loop: asyncio.AbstractEventLoop) -> None:
        start(process, loop)
        started.append(process)

    monkeypatch.setattr(CleaningProcess, "_start", note)
    with running_node(config_of(tmp_path, log_cleaner_io_max_bytes_per_second="4e6")) as broker:
        broker.create_topic("t", **COMPACTED)
        fill(broker)
        broker.wait_until(lambda: bool(started))
        killed = started[0].pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        broker.wait_until(lambda: (broker.node.store.cleaned_to(*PLACE) or 0) >= 200)
        assert broker.node.cleaning.uncleanable == {}
        assert len(started) > 1
        assert {offset: b"%d" % offset for offset in range(293, 300)}.items() <= read(
            broker
        ).items()


def test_a_topic_can_be_deleted_while_it_is_compacted(tmp_path: Path) -> None:
    with running_node(
        config_of(
            tmp_path,
            log_cleaner_enable="false",
            log_cleaner_io_max_bytes_per_second="3000000",
        )
    ) as broker:
        broker.create_topic("t", **COMPACTED)
        fill(broker)
        work = broker.node.cleaning.compact("t", 0)
        passing = asyncio.run_coroutine_threadsafe(work, broker.loop)
        broker.wait_until(lambda: PLACE in broker.node.cleaning._at_work)
        assert broker.call(DeleteTopicsRequest(topic_names=["t"], timeout_ms=9), 5)
        with pytest.raises((Unfinished, OSError, KafkaError)):
            passing.result(TIMEOUT_S)
        broker.create_topic("t", **COMPACTED)
        fill(broker)
        compact(broker)
        assert len(read(broker)) == 7


def test_a_partition_that_is_being_moved_is_left_alone(tmp_path: Path) -> None:
    config = config_of(tmp_path, log_cleaner_enable="false")
    config["log.dirs"] = f"{tmp_path}/one,{tmp_path}/two"
    with running_node(config) as broker:
        broker.create_topic("t", **COMPACTED)
        fill(broker)
        compact(broker)
        here = broker.run(lambda: broker.node.store.log_dir_of(*PLACE))
        (there,) = [path for path in broker.node.store.log_dirs if path != here]

        def begin() -> list[object]:
            broker.node.moves.begin(PLACE, there)
            log = broker.node.partitions.find(*PLACE)
            return [broker.node.cleaning._may_be_compacted(log)]

        assert broker.run(begin) == [False]
        broker.wait_until(lambda: not broker.node.store.moves.under_way)
        assert cleaned_to(broker) == 300, "what is known of it moves along"
        fill(broker)
        compact(broker)
        assert len(read(broker)) == 7


def test_offsets_of_groups_are_the_same_when_their_topic_was_compacted(tmp_path: Path) -> None:
    topic = "__consumer_offsets"
    config = config_of(tmp_path, offsets_topic_num_partitions="1", log_cleaner_enable="false")
    with running_node(config) as broker:
        broker.create_topic("t", 3)
        broker.call(FindCoordinatorRequest(key="g"), 2)
        client = broker.client()
        for offset in range(200):
            part = OffsetCommitRequestPartition(partition_index=offset % 3, committed_offset=offset)
            topics = [OffsetCommitRequestTopic(name="t", partitions=[part])]
            request = OffsetCommitRequest(group_id=f"g{offset % 5}", topics=topics)
            assert client.call(request, 7).topics[0].partitions[0].error_code == 0
        before = [committed(broker, f"g{number}") for number in range(5)]
        size = broker.run(lambda: broker.node.partitions.find(topic, 0).log.size_bytes)
        compact(broker, topic)
        after = broker.run(lambda: broker.node.partitions.find(topic, 0).log.size_bytes)
        assert after < size / 3
    with running_node(config) as broker:
        broker.call(FindCoordinatorRequest(key="g"), 2)
        assert [committed(broker, f"g{number}") for number in range(5)] == before


def committed(broker: RunningNode, group: str) -> list[int]:
    topics = [OffsetFetchRequestTopics(name="t", partition_indexes=[0, 1, 2])]
    request = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=topics)])
    (found,) = broker.call(request, 8).groups
    assert found.error_code == 0
    return [part.committed_offset for part in found.topics[0].partitions]


def test_all_compacted_topics_are_compacted_when_asked(tmp_path: Path) -> None:
    with running_node(config_of(tmp_path, log_cleaner_enable="false")) as broker:
        broker.create_topic("t", **COMPACTED)
        broker.create_topic("other", segment_bytes=str(1 << 20))
        fill(broker)
        work = broker.node.cleaning.compact_all()
        asyncio.run_coroutine_threadsafe(work, broker.loop).result(TIMEOUT_S)
        assert len(read(broker)) == 7
        assert broker.run(lambda: broker.node.store.cleaned_to("other", 0)) is None


def test_switched_off_nothing_is_compacted(tmp_path: Path) -> None:
    with running_node(config_of(tmp_path, log_cleaner_enable="false")) as broker:
        cleaning: Cleaning = broker.node.cleaning
        broker.run(cleaning.begin)
        assert cleaning._lanes == 0


def test_what_nobody_has_used_since_the_start_is_compacted_too(tmp_path: Path) -> None:
    with running_node(config_of(tmp_path, log_cleaner_enable="false")) as broker:
        broker.create_topic("t", **COMPACTED)
        broker.create_topic("clean", **COMPACTED)
        fill(broker)
    with running_node(config_of(tmp_path)) as broker:
        broker.wait_until(lambda: (broker.node.store.cleaned_to(*PLACE) or 0) >= 200)
        assert broker.node.partitions.if_open("clean", 0) is None
        broker.wait_until(lambda: broker.node.cleaning._lanes == 0)


def test_transactional_ids_are_the_same_when_their_topic_was_compacted(tmp_path: Path) -> None:
    config = config_of(
        tmp_path, transaction_state_log_num_partitions="1", log_cleaner_enable="false"
    )

    def begin(broker: RunningNode, number: int) -> tuple[int, int]:
        request = InitProducerIdRequest(
            transactional_id=f"id{number}", transaction_timeout_ms=60_000
        )
        found = broker.call(request, 1)
        assert found.error_code == 0
        return found.producer_id, found.producer_epoch

    with running_node(config) as broker:
        broker.call(FindCoordinatorRequest(key="id0", key_type=1), 2)
        for _ in range(20):
            before = [begin(broker, number) for number in range(3)]
        compact(broker, "__transaction_state")
        log = broker.run(lambda: broker.node.partitions.find("__transaction_state", 0).log)
        assert sum(1 for _ in log.segments[0].scan()) <= 4
    with running_node(config) as broker:
        broker.call(FindCoordinatorRequest(key="id0", key_type=1), 2)
        after = [begin(broker, number) for number in range(3)]
        assert after == [(producer, epoch + 1) for producer, epoch in before]


def test_what_fails_is_tried_again_while_a_process_lives(tmp_path: Path) -> None:
    with running_node(config_of(tmp_path, log_cleaner_enable="false")) as broker:
        broker.create_topic("t", **COMPACTED)
        fill(broker)
        cleaning = broker.node.cleaning

        async def tries(ended: Ended) -> list[bool]:
            async def fail(found: Found, process: CleaningProcess) -> int:
                raise Failed(ended)

            found = await cleaning._look(broker.node.partitions.find(*PLACE))
            assert found is not None
            cleaning._clean = fail  # type: ignore[method-assign]
            process = CleaningProcess(broker.node.in_thread)
            return [await cleaning._try(found, process) for _ in range(4)]

        def told(ended: Ended) -> list[bool]:
            return asyncio.run_coroutine_threadsafe(tries(ended), broker.loop).result(TIMEOUT_S)

        assert told(Ended("the disk is full")) == [False] * 4
        assert cleaning.uncleanable == {}
        assert told(Ended("gone", has_died=True)) == [False, False, True, True]
        assert cleaning.uncleanable[PLACE][1] == "gone"

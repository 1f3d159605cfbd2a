"""A directory that fails while another is well, or takes no writes, and a wall clock that jumps."""

import errno
from collections.abc import Iterator
from functools import partial

import pytest

from kafkacompat.clock import SystemClock
from kafkacompat.cluster import core as core_module
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest
from kafkacompat_storage.store import open_store
from tests.kafkacompat.test_faults import STORAGE, create
from tests.support.faulty_files import FaultyFiles
from tests.support.groups_on_the_wire import enter
from tests.support.node import RunningNode, running_node
from tests.support.produced import batch, fetch, produce, values_of
from tests.support.transactions_on_the_wire import WireProducer

TOPICS = [f"t{number}" for number in range(6)]
DAY_MS = 86_400_000


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> FaultyFiles:
    made = FaultyFiles(has_syncfs=False)
    monkeypatch.setattr(core_module, "open_store", partial(open_store, files=made))
    return made


@pytest.fixture
def broker(files: FaultyFiles) -> Iterator[RunningNode]:
    where = {"log.dirs": "/d/one,/d/two", "kafkacompat.durability": "fsync"}
    with running_node(where) as made:
        for topic in TOPICS:
            made.create_topic(topic)
            assert produce(made, batch(b"a"), topic=topic).error_code == 0
        yield made
        files.fault = lambda operation, path: None


def place_of(broker: RunningNode, topic: str) -> str:
    return broker.node.store.log_dir_of(topic, 0)


@pytest.mark.parametrize("number", [errno.EIO, errno.EROFS])
@pytest.mark.parametrize("operation", ["write", "sync"])
def test_of_two_directories_the_one_that_is_well_goes_on(
    broker: RunningNode, files: FaultyFiles, operation: str, number: int
) -> None:
    metadata = "/d/one"  # it holds the metadata log
    assert {place_of(broker, topic) for topic in TOPICS} == {"/d/one", "/d/two"}
    files.fault = lambda done, path: (
        OSError(number, "made to fail")
        if done == operation and path.startswith("/d/two/t")
        else None
    )
    for topic in TOPICS:
        expected = 0 if place_of(broker, topic) == metadata else STORAGE
        assert produce(broker, batch(b"b"), topic=topic).error_code == expected
        found = values_of(fetch(broker, topic=topic).records)
        assert found == [(0, b"a"), (1, b"b")][: 1 if expected else 2]
    files.fault = lambda done, path: None
    for topic in TOPICS:
        stays = operation == "sync" and place_of(broker, topic) != metadata
        assert produce(broker, batch(b"c"), topic=topic).error_code == (STORAGE if stays else 0)


def test_a_directory_that_takes_no_writes_any_more_is_still_read(
    broker: RunningNode, files: FaultyFiles
) -> None:
    changing = {"write", "create", "truncate", "rename", "unlink", "mkdir"}
    files.fault = lambda operation, path: (
        OSError(errno.EROFS, "read-only") if operation in changing else None
    )
    for topic in TOPICS:
        assert produce(broker, batch(b"b"), topic=topic).error_code == STORAGE
        assert values_of(fetch(broker, topic=topic).records) == [(0, b"a")]
    assert create(broker, "new") == STORAGE


class Jumping(SystemClock):
    """A clock whose wall time somebody sets."""

    jump_ms = 0

    def wall_ms(self) -> int:
        return super().wall_ms() + self.jump_ms


@pytest.mark.parametrize("jump_ms", [DAY_MS, -DAY_MS])
def test_a_wall_clock_that_jumps_ends_no_session_or_transaction_and_moves_no_offset(
    jump_ms: int,
) -> None:
    clock = Jumping()
    with running_node(clock=clock) as broker:
        broker.create_topic("t")
        assert produce(broker, batch(b"a", timestamp=clock.wall_ms())).base_offset == 0
        member_id, generation = enter(broker, "g")
        producer = WireProducer(broker, "transactor")
        assert producer.init() == 0
        assert producer.send(b"b").error_code == 0
        for jump in (jump_ms, 0):
            clock.jump_ms = jump
            broker.run(broker.node.timers._fire)  # whatever is due
            heartbeat = HeartbeatRequest(
                group_id="g", generation_id=generation, member_id=member_id
            )
            assert broker.call(heartbeat, 4).error_code == 0
            assert producer.send(b"c").error_code == 0
        assert producer.end_until_done() == 0
        assert produce(broker, batch(b"d", timestamp=clock.wall_ms())).base_offset == 5


def test_two_brokers_on_one_directory_are_refused(files: FaultyFiles) -> None:
    where = {"log.dirs": "/d/one", "kafkacompat.durability": "fsync"}
    with running_node(where) as first:
        first.create_topic("t")
        with pytest.raises(BlockingIOError), running_node(where):
            pass
        assert produce(first, batch(b"a")).error_code == ErrorCode.NONE

"""A share-partition, told what happens and asked what it does; times are numbers."""

from kafkacompat.coordinator.outcome import Outcome, Write
from kafkacompat.coordinator.share.acknowledging import Acknowledgement as Ack
from kafkacompat.coordinator.share.acquiring import Acquired, Extent, Wanted
from kafkacompat.coordinator.share.records import Epochs, SharePartitionId
from kafkacompat.coordinator.share.share_partition import (
    RETRY_MS,
    ShareLimits,
    SharePartition,
    Wake,
)
from kafkacompat.coordinator.share.window import AVAILABLE, Run
from kafkacompat_protocol.coordinator_records.share.share_snapshot import ShareSnapshotValue
from kafkacompat_protocol.coordinator_records.share.share_update import (
    ShareUpdateStateBatch,
    ShareUpdateValue,
)
from kafkacompat_protocol.errors import ErrorCode, KafkaError

WHICH = SharePartitionId("g", bytes(range(16)), 3)
LIMITS = ShareLimits(lock_duration_ms=100, delivery_count_limit=3, max_record_locks=50)
GAP, ACCEPT, RELEASE, REJECT, RENEW = range(5)
WALL_MS = 5_000


class Told:
    """A share-partition whose records are written at once, and kept to restore it from."""

    def __init__(self, limits: ShareLimits = LIMITS, start_offset: int | None = 10) -> None:
        self.machine = SharePartition(WHICH, limits)
        self.log: list[Write] = []
        if start_offset is not None:
            self.run(self.machine.begin(start_offset, 7, None, WALL_MS))

    def run(self, outcome: Outcome) -> list[object]:
        for write in outcome.records:
            self.log.append(write)
            self.machine.written(write.value)
        return [reply for _, reply in outcome.replies]

    def acquire(self, member: str, first: int, last: int, now_ms: int = 0) -> list[Acquired]:
        return self.machine.acquire(member, first, [Extent(first, last)], Wanted(100), now_ms)

    def acknowledge(self, member: str, *batches: Ack, now_ms: int = 0) -> object:
        outcome = self.machine.acknowledge(member, batches, "ticket", now_ms, WALL_MS)
        (reply,) = self.run(outcome)
        return reply.code if isinstance(reply, KafkaError) else reply

    def restored(self) -> SharePartition:
        machine = SharePartition(WHICH, self.machine.limits)
        for write in self.log:
            machine.load(write.value)
        return machine

    def last_update(self) -> ShareUpdateValue:
        value = self.log[-1].value
        assert isinstance(value, ShareUpdateValue)
        return value

    @property
    def start_offset(self) -> int:
        assert self.machine.window is not None
        return self.machine.window.start_offset


def test_where_a_group_begins_is_written() -> None:
    told = Told()

    assert told.log[0].value == ShareSnapshotValue(
        snapshot_epoch=0,
        state_epoch=0,
        leader_epoch=7,
        start_offset=10,
        delivery_complete_count=0,
        create_timestamp=WALL_MS,
        write_timestamp=WALL_MS,
        state_batches=[],
    )


def test_before_that_nobody_is_given_anything() -> None:
    told = Told(start_offset=None)

    assert told.machine.is_blank
    assert told.acquire("a", 10, 19) == []
    assert not told.machine.can_acquire(100)
    assert told.acknowledge("a", Ack(10, 19, [ACCEPT])) == ErrorCode.INVALID_REQUEST
    assert told.machine.expire(1_000, WALL_MS) == Outcome()
    assert told.run(told.machine.release("a", "ticket", WALL_MS)) == [None]


def test_a_record_is_given_to_one_member_and_is_gone_when_accepted() -> None:
    told = Told()

    assert told.acquire("a", 10, 19) == [Acquired(10, 19, 1)]
    assert told.acquire("b", 10, 19) == []
    assert told.acknowledge("b", Ack(10, 19, [ACCEPT])) == ErrorCode.INVALID_RECORD_STATE
    assert told.acknowledge("a", Ack(10, 19, [ACCEPT])) is None
    assert told.acquire("b", 10, 19) == []
    assert told.start_offset == 20
    assert told.last_update() == ShareUpdateValue(
        snapshot_epoch=0,
        leader_epoch=7,
        start_offset=20,
        delivery_complete_count=0,
        state_batches=[],
    )


def test_nothing_changes_before_it_is_written() -> None:
    told = Told()
    told.acquire("a", 10, 19)

    outcome = told.machine.acknowledge("a", [Ack(10, 19, [ACCEPT])], "ticket", 0, WALL_MS)

    assert told.start_offset == 10
    assert outcome.effects == [Wake(WHICH.name)]
    told.run(outcome)
    assert told.start_offset == 20


def test_a_record_that_is_released_is_given_again_and_counted() -> None:
    told = Told()
    told.acquire("a", 10, 19)

    assert told.acknowledge("a", Ack(12, 13, [RELEASE])) is None
    assert told.acquire("b", 10, 19) == [Acquired(12, 13, 2)]


def test_a_record_that_is_rejected_is_not_given_again() -> None:
    told = Told()
    told.acquire("a", 10, 19)

    assert told.acknowledge("a", Ack(10, 11, [REJECT]), Ack(12, 12, [GAP])) is None
    assert told.acquire("b", 10, 19) == []
    assert told.start_offset == 13


def test_an_acknowledgement_with_one_fault_changes_nothing() -> None:
    told = Told()
    told.acquire("a", 10, 19)
    written = len(told.log)

    code = told.acknowledge("a", Ack(10, 14, [ACCEPT]), Ack(19, 20, [ACCEPT]))

    assert code == ErrorCode.INVALID_REQUEST
    assert len(told.log) == written
    assert told.acknowledge("a", Ack(10, 19, [ACCEPT])) is None


def test_a_lock_that_ends_makes_its_records_available() -> None:
    told = Told()
    told.acquire("a", 10, 14, now_ms=0)
    told.acquire("a", 15, 19, now_ms=30)

    assert told.machine.next_deadline_ms() == 100
    assert told.machine.expire(99, WALL_MS) == Outcome()
    told.run(told.machine.expire(100, WALL_MS))
    assert told.acquire("b", 10, 19) == [Acquired(10, 14, 2)]
    assert told.acknowledge("a", Ack(10, 14, [ACCEPT])) == ErrorCode.INVALID_RECORD_STATE
    assert told.acknowledge("a", Ack(15, 19, [ACCEPT])) is None


def test_a_lock_that_is_renewed_lasts_from_then_on_and_nothing_is_written() -> None:
    told = Told()
    told.acquire("a", 10, 19, now_ms=0)
    written = len(told.log)

    assert told.acknowledge("a", Ack(10, 14, [RENEW]), now_ms=60) is None
    assert len(told.log) == written
    told.run(told.machine.expire(100, WALL_MS))
    assert told.machine.next_deadline_ms() == 160
    assert told.acquire("b", 10, 19, now_ms=100) == [Acquired(15, 19, 2)]


def test_a_lock_whose_end_cannot_be_written_is_not_tried_again_at_once() -> None:
    told = Told()
    told.acquire("a", 10, 19)

    told.machine.expire(100, WALL_MS)  # and its record is lost

    assert told.machine.next_deadline_ms() == 100 + RETRY_MS
    told.run(told.machine.expire(100 + RETRY_MS, WALL_MS))
    assert told.acquire("b", 10, 19) == [Acquired(10, 19, 2)]


def test_a_record_is_given_no_more_often_than_the_limit_says() -> None:
    told = Told()
    counts = []
    for _ in range(4):
        for found in told.acquire("a", 10, 10):
            counts.append(found.delivery_count)
            told.acknowledge("a", Ack(10, 10, [RELEASE]))

    assert counts == [1, 2, 3]
    assert told.start_offset == 11


def test_all_that_a_member_has_is_taken_back_when_it_goes() -> None:
    told = Told()
    told.acquire("a", 10, 14)
    told.acquire("b", 15, 19)

    assert told.run(told.machine.release("a", "ticket", WALL_MS)) == [None]
    assert told.acquire("c", 10, 19) == [Acquired(10, 14, 2)]
    assert told.acknowledge("b", Ack(15, 19, [ACCEPT])) is None


def test_whether_there_is_something_for_a_member() -> None:
    told = Told()

    assert not told.machine.can_acquire(10)
    assert told.machine.can_acquire(11)
    told.acquire("a", 10, 59)
    assert not told.machine.can_acquire(100)
    told.acknowledge("a", Ack(59, 59, [RELEASE]))
    assert told.machine.can_acquire(100)
    assert not told.machine.can_acquire(59)


def test_a_log_that_begins_later_takes_its_records_along() -> None:
    told = Told()
    told.acquire("a", 10, 19)
    told.machine.settle(15, 20)

    assert told.start_offset == 15
    assert told.acknowledge("a", Ack(10, 19, [ACCEPT])) is None
    assert told.start_offset == 20


def test_a_log_that_has_lost_its_end_takes_its_records_along() -> None:
    told = Told()
    told.acquire("a", 10, 19)
    told.machine.settle(0, 15)

    assert told.acquire("b", 15, 19) == [Acquired(15, 19, 1)]


def test_a_group_may_begin_anew() -> None:
    told = Told()
    told.acquire("a", 10, 19)
    told.run(told.machine.begin(5, 8, None, WALL_MS))

    assert told.machine.epochs == Epochs(snapshot=1, state=1, leader=8)
    assert told.acknowledge("a", Ack(10, 19, [ACCEPT])) == ErrorCode.INVALID_REQUEST
    assert told.acquire("b", 5, 9) == [Acquired(5, 9, 1)]


def test_what_is_deleted_leaves_nothing() -> None:
    told = Told()
    told.acquire("a", 10, 19)

    assert told.run(told.machine.delete("ticket")) == [None]
    assert told.machine.is_blank
    assert told.machine.next_deadline_ms() is None
    assert told.restored().is_blank


def test_a_snapshot_is_written_after_some_updates() -> None:
    told = Told(ShareLimits(updates_per_snapshot=2))
    for first in (10, 20, 30, 40):
        told.acquire("a", first, first + 9)
        told.acknowledge("a", Ack(first, first, [ACCEPT]))

    kinds = [type(write.value).__name__ for write in told.log]
    assert kinds == ["ShareSnapshotValue"] + 2 * ["ShareUpdateValue"] + [
        "ShareSnapshotValue",
        "ShareUpdateValue",
    ]
    assert told.acknowledge("a", Ack(41, 49, [ACCEPT])) is None


def test_a_snapshot_takes_nothing_from_those_who_have_records() -> None:
    told = Told()
    assert told.machine.snapshot(WALL_MS) is not None
    told.acquire("a", 10, 19)
    told.acknowledge("a", Ack(12, 12, [ACCEPT]))
    told.run(told.machine.snapshot(WALL_MS))

    del told.log[:-1]
    restored = told.restored()
    assert restored.epochs == told.machine.epochs == Epochs(snapshot=1, state=0, leader=7)
    assert restored.acquire("b", 10, [Extent(10, 19)], Wanted(100), 0) == [
        Acquired(10, 11, 1),
        Acquired(13, 19, 1),
    ]
    assert told.acknowledge("a", Ack(10, 11, [ACCEPT]), Ack(13, 19, [ACCEPT])) is None


def test_before_a_group_has_begun_there_is_nothing_to_write() -> None:
    assert Told(start_offset=None).machine.snapshot(WALL_MS) == Outcome()


def test_what_was_acknowledged_stays_so_after_a_crash_and_the_rest_comes_again() -> None:
    told = Told()
    told.acquire("a", 10, 29)
    told.acknowledge("a", Ack(10, 14, [ACCEPT]), Ack(16, 17, [REJECT]), Ack(18, 19, [RELEASE]))

    machine = told.restored()

    assert machine.window is not None
    assert machine.window.start_offset == 15
    found = machine.acquire("b", 15, [Extent(10, 29)], Wanted(100), 0)
    assert found == [Acquired(15, 15, 1), Acquired(18, 19, 2), Acquired(20, 29, 1)]


def test_records_that_another_broker_wrote_are_understood() -> None:
    machine = SharePartition(WHICH, LIMITS)
    batch = ShareUpdateStateBatch(
        first_offset=12, last_offset=13, delivery_state=4, delivery_count=3
    )
    machine.load(
        ShareSnapshotValue(
            snapshot_epoch=4,
            state_epoch=2,
            leader_epoch=1,
            start_offset=-1,
            create_timestamp=1,
            write_timestamp=1,
            state_batches=[],
        )
    )
    assert machine.is_blank
    machine.load(
        ShareUpdateValue(snapshot_epoch=4, leader_epoch=3, start_offset=10, state_batches=[batch])
    )

    assert machine.epochs == Epochs(snapshot=4, state=2, leader=3)
    assert machine.window is not None
    assert machine.window.runs[0] == Run(10, 11, AVAILABLE)
    machine.load(None)
    assert machine.is_blank


def test_nobody_waits_in_a_share_partition() -> None:
    assert Told().machine.abandoned(ErrorCode.NOT_COORDINATOR) == Outcome()

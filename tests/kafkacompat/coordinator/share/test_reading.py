"""Which batches members may see, and which bytes are sent."""

from kafkacompat.coordinator.share.acquiring import Acquired, Extent
from kafkacompat.coordinator.share.reading import inspect, select
from kafkacompat_protocol.records.control import build_end_txn_batch
from tests.support.batches import batch

PLAIN = bytes(batch(b"a", b"b", base_offset=10))
OTHER = bytes(batch(b"c", base_offset=12))


def transactional(base_offset: int, producer_id: int = 7) -> bytes:
    return bytes(
        batch(
            b"x",
            producer_id=producer_id,
            epoch=0,
            sequence=0,
            transactional=True,
            base_offset=base_offset,
        )
    )


def marker(base_offset: int, *, commit: bool, producer_id: int = 7) -> bytes:
    return bytes(
        build_end_txn_batch(
            commit=commit,
            producer_id=producer_id,
            producer_epoch=0,
            coordinator_epoch=0,
            timestamp_ms=0,
            base_offset=base_offset,
        )
    )


def seen(content: bytes, aborted: list[tuple[int, int]]) -> list[Extent]:
    return [batch.extent for batch in inspect(content, aborted)]


def test_batches_have_their_offsets() -> None:
    assert seen(PLAIN + OTHER, []) == [Extent(10, 11), Extent(12, 12)]


def test_markers_are_not_for_members() -> None:
    assert seen(transactional(0) + marker(1, commit=True), []) == [
        Extent(0, 0),
        Extent(1, 1, False),
    ]


def test_what_was_aborted_is_not_for_members_and_what_follows_is() -> None:
    content = (
        transactional(0)
        + transactional(1, producer_id=8)
        + marker(2, commit=False)
        + transactional(3)
        + marker(4, commit=True)
        + transactional(5)
        + marker(6, commit=False)
    )

    visible = [extent.first for extent in seen(content, [(7, 5), (7, 0)]) if extent[2]]

    assert visible == [1, 3]


def test_a_transaction_that_began_before_what_was_read_is_aborted_too() -> None:
    assert seen(transactional(5) + marker(6, commit=False), [(7, 2)]) == [
        Extent(5, 5, False),
        Extent(6, 6, False),
    ]


def test_batches_without_anything_acquired_are_not_sent() -> None:
    content = PLAIN + OTHER + bytes(batch(b"d", b"e", base_offset=13))
    batches = inspect(content, [])

    def sent(*acquired: Acquired) -> list[bytes]:
        return [bytes(buffer) for buffer in select(content, batches, acquired)]

    assert sent() == []
    assert sent(Acquired(11, 11, 1)) == [PLAIN]
    assert sent(Acquired(10, 12, 1)) == [PLAIN + OTHER]
    assert sent(Acquired(10, 10, 1), Acquired(14, 14, 2)) == [
        PLAIN,
        content[len(PLAIN + OTHER) :],
    ]


def test_a_marker_amid_what_was_acquired_is_not_sent() -> None:
    content = transactional(0) + marker(1, commit=True) + transactional(2)
    batches = inspect(content, [])

    sent = select(content, batches, [Acquired(0, 2, 1)])

    assert [bytes(buffer) for buffer in sent] == [transactional(0), transactional(2)]

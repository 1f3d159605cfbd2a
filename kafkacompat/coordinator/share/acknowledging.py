"""What a member says of the records that it has, checked against what it has.

Sans-I/O. Spec: KIP-932; KIP-1222 (renewals).
"""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from kafkacompat.coordinator.share.window import (
    ACKNOWLEDGED,
    ACQUIRED,
    ARCHIVED,
    AVAILABLE,
    Run,
    Window,
)
from kafkacompat_protocol.errors import ErrorCode, KafkaError

# Kafka's own texts, which clients show.
PAST_ACQUIRED = "Batch record not found. The {} offset in request is past acquired records."
NOT_ACQUIRED = "The offset cannot be acknowledged. The offset is not acquired."
NOT_OWNER = "Member is not the owner of offset"


class Verdict(IntEnum):
    """What a member says of a record."""

    GAP = 0
    """There is no such record."""
    ACCEPT = 1
    RELEASE = 2
    REJECT = 3
    RENEW = 4


class Acknowledgement(NamedTuple):
    """Offsets, both ends inclusive, with one verdict for all or one for each."""

    first: int
    last: int
    verdicts: Sequence[int]


def check(batches: Sequence[Acknowledgement], *, may_renew: bool) -> None:
    """Check that batches make sense in themselves. Errors: INVALID_REQUEST."""
    highest = Verdict.RENEW if may_renew else Verdict.REJECT
    for batch in batches:
        if not 0 <= batch.first <= batch.last:
            raise KafkaError(ErrorCode.INVALID_REQUEST)
        count = len(batch.verdicts)
        if not count or (count > 1 and count != batch.last - batch.first + 1):
            raise KafkaError(ErrorCode.INVALID_REQUEST)
        if not all(0 <= verdict <= highest for verdict in batch.verdicts):
            raise KafkaError(ErrorCode.INVALID_REQUEST)


def judge(
    window: Window, member_id: str, batches: Sequence[Acknowledgement], delivery_count_limit: int
) -> tuple[list[Run], list[Run]]:
    """Return what changes for good, and what is only renewed. All of it, or nothing.

    Offsets before the window are done with, and may be acknowledged again.

    Errors: INVALID_REQUEST past the window; INVALID_RECORD_STATE for records that the member does
    not have, or speaks of twice.
    """
    changes: list[Run] = []
    renewed: list[Run] = []
    after = -1
    for batch in sorted(batches, key=lambda each: each.first):
        if batch.first <= after:
            raise KafkaError(ErrorCode.INVALID_RECORD_STATE, NOT_ACQUIRED)
        after = batch.last
        if batch.last < window.start_offset:
            continue
        if batch.last >= window.end_offset:
            which = "last" if batch.first < window.end_offset else "first"
            raise KafkaError(ErrorCode.INVALID_REQUEST, PAST_ACQUIRED.format(which))
        for run in window.between(batch.first, batch.last):
            if run.state != ACQUIRED or run.member_id != member_id:
                text = NOT_OWNER if run.state == ACQUIRED else NOT_ACQUIRED
                raise KafkaError(ErrorCode.INVALID_RECORD_STATE, text)
            for verdict, part in _parts(batch, run):
                if verdict == Verdict.RENEW:
                    renewed.append(part)
                else:
                    changes.append(_changed(part, verdict, delivery_count_limit))
    return changes, renewed


def _parts(batch: Acknowledgement, run: Run) -> Iterator[tuple[int, Run]]:
    """Yield a run in pieces of one verdict."""
    verdicts = batch.verdicts
    if len(verdicts) == 1:
        yield verdicts[0], run
        return
    first = run.first
    while first <= run.last:
        verdict, last = verdicts[first - batch.first], first
        while last < run.last and verdicts[last + 1 - batch.first] == verdict:
            last += 1
        yield verdict, run.clipped(first, last)
        first = last + 1


def _changed(run: Run, verdict: int, delivery_count_limit: int) -> Run:
    if verdict == Verdict.RELEASE:
        return released(run, delivery_count_limit)
    state = ACKNOWLEDGED if verdict == Verdict.ACCEPT else ARCHIVED
    return Run(run.first, run.last, state, run.delivery_count)


def released(run: Run, delivery_count_limit: int) -> Run:
    """Return a run that nobody has any more: given again, unless that was too often already."""
    state = AVAILABLE if run.delivery_count < delivery_count_limit else ARCHIVED
    return Run(run.first, run.last, state, run.delivery_count)

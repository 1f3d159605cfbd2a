"""What a partition remembers of its producers: windows of five batches, and open transactions.

Entries are frozen and replaced. All of it follows from the log's batches, but for those of segments
that are gone: so it is kept in snapshots (producer_snapshot.py).

Spec: KIP-98 (idempotence, transactions), KIP-360 (unknown producers), KIP-890.
"""

from collections import deque
from typing import Final, NamedTuple

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import (
    CONTROL_BIT,
    LAST_SEQUENCE_NUMBER,
    TRANSACTIONAL_BIT,
    BatchHeader,
)
from kafkacompat_protocol.records.control import (
    ControlRecordType,
    read_control_record,
    read_end_txn_marker,
)

from .files import Buffer
from .txn_index import AbortedTransaction

WINDOW: Final = 5
"""Batches remembered per producer: what a client may have in flight."""
PRODUCERS_LIMIT: Final = 100_000
"""Producers remembered per partition; beyond it those silent for longest are forgotten."""
_HALF: Final = 1 << 30


class SequencedBatch(NamedTuple):
    """One batch of a producer. `first_sequence` is `last_sequence - offset_delta`, wrapping."""

    last_sequence: int
    last_offset: int
    offset_delta: int
    timestamp: int


class Producer(NamedTuple):
    """One producer id. `first_offset` is that of its open transaction, -1 if there is none."""

    epoch: int
    window: tuple[SequencedBatch, ...]
    last_timestamp: int
    coordinator_epoch: int = -1
    first_offset: int = -1


class ProducerState:
    """The producers of one partition."""

    __slots__ = ("_completed", "open_transactions", "producers")

    def __init__(self) -> None:
        self.producers: dict[int, Producer] = {}
        self.open_transactions: dict[int, int] = {}
        """First offset by producer id, lowest first."""
        self._completed: deque[tuple[int, int]] = deque()
        """(first offset, marker's offset) of those ended above the high watermark."""

    def copy(self) -> "ProducerState":
        """Return another one with the same producers."""
        made = ProducerState()
        made.producers = dict(self.producers)
        made.open_transactions = dict(self.open_transactions)
        made._completed = deque(self._completed)
        return made

    # --- before an append

    def check_batch(
        self, header: tuple[int, ...], batch: Buffer, from_client: bool
    ) -> SequencedBatch | None:
        """Check a producer's batch by its header; return the batch that it repeats, if it does.

        Of what a coordinator writes only markers are checked. Errors: as the two below.
        """
        _, _, _, _, _, attributes, delta, _, _, producer_id, epoch, sequence, _ = header
        if from_client:
            transactional = bool(attributes & TRANSACTIONAL_BIT)
            return self.check(producer_id, epoch, sequence, delta, transactional)
        if attributes & CONTROL_BIT:
            record = read_control_record(batch)
            if record.type in (ControlRecordType.ABORT, ControlRecordType.COMMIT):
                marker = read_end_txn_marker(record)
                self.check_marker(producer_id, epoch, marker.coordinator_epoch)
        return None

    def check(
        self, producer_id: int, epoch: int, sequence: int, delta: int, transactional: bool
    ) -> SequencedBatch | None:
        """Check a client's batch; return the batch that it repeats, if it does.

        Errors: INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER, DUPLICATE_SEQUENCE_NUMBER,
        INVALID_TXN_STATE.
        """
        known = self.producers.get(producer_id)
        if known is None:
            return None
        if epoch != known.epoch:
            if epoch < known.epoch:
                raise KafkaError(
                    ErrorCode.INVALID_PRODUCER_EPOCH, f"epoch {epoch} is older than {known.epoch}"
                )
            if sequence != 0:
                raise _out_of_order(producer_id, sequence, 0)
        else:
            expected = (
                (known.window[-1].last_sequence + 1) & LAST_SEQUENCE_NUMBER if known.window else 0
            )
            if sequence != expected:
                return _repeated(known, producer_id, sequence, delta, expected)
        if known.first_offset >= 0 and not transactional:
            raise KafkaError(ErrorCode.INVALID_TXN_STATE, "a transaction is open")
        return None

    def check_marker(self, producer_id: int, epoch: int, coordinator_epoch: int) -> None:
        """Check a marker before it is appended.

        Errors: INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED.
        """
        known = self.producers.get(producer_id)
        if known is None:
            return
        if epoch < known.epoch:
            raise KafkaError(
                ErrorCode.INVALID_PRODUCER_EPOCH, f"marker's epoch {epoch} < {known.epoch}"
            )
        if coordinator_epoch < known.coordinator_epoch:
            raise KafkaError(ErrorCode.TRANSACTION_COORDINATOR_FENCED)

    # --- after an append, and when a log is replayed

    def note(self, header: BatchHeader, content: Buffer, now_ms: int) -> AbortedTransaction | None:
        """Take in an appended batch of a producer; return the transaction it aborted, if any."""
        if header.producer_id < 0:
            return None
        if header.is_control:
            if not header.record_count:
                return None  # Compaction left it: the whole transaction is gone.
            record = read_control_record(content)
            if record.type not in (ControlRecordType.ABORT, ControlRecordType.COMMIT):
                return None
            marker = read_end_txn_marker(record)
            return self.end_transaction(
                header.producer_id,
                header.producer_epoch,
                marker.coordinator_epoch,
                header.base_offset,
                aborted=record.type == ControlRecordType.ABORT,
                now_ms=now_ms,
            )
        self.note_batch(
            header.producer_id,
            header.producer_epoch,
            SequencedBatch(
                header.last_sequence, header.last_offset, header.last_offset_delta, now_ms
            ),
            header.is_transactional,
        )
        return None

    def note_batch(
        self, producer_id: int, epoch: int, batch: SequencedBatch, transactional: bool
    ) -> None:
        """Take in an appended data batch; without a sequence number it opens no window."""
        known = self.producers.get(producer_id)
        window: tuple[SequencedBatch, ...] = ()
        coordinator_epoch = first_offset = -1
        if known is not None:
            _, window, _, coordinator_epoch, first_offset = known
            if epoch != known.epoch:
                window = ()
        elif len(self.producers) >= PRODUCERS_LIMIT:
            self._forget_oldest()
        if batch.last_sequence >= 0:
            window = (*window[1 - WINDOW :], batch)
        if transactional and first_offset < 0:
            first_offset = batch.last_offset - batch.offset_delta
            self.open_transactions[producer_id] = first_offset
        self.producers[producer_id] = Producer(
            epoch, window, batch.timestamp, coordinator_epoch, first_offset
        )

    def end_transaction(
        self,
        producer_id: int,
        epoch: int,
        coordinator_epoch: int,
        offset: int,
        *,
        aborted: bool,
        now_ms: int,
    ) -> AbortedTransaction | None:
        """Take in a marker at `offset`; return the transaction it aborted, if one was open."""
        known = self.producers.get(producer_id)
        window = known.window if known is not None and known.epoch == epoch else ()
        if aborted and window:
            window = (window[-1]._replace(offset_delta=_ABORTED_DELTA, timestamp=-1),)
        self.producers[producer_id] = Producer(epoch, window, now_ms, coordinator_epoch)
        first_offset = self.open_transactions.pop(producer_id, -1)
        if first_offset < 0:
            return None
        self._completed.append((first_offset, offset))
        if not aborted:
            return None
        stable = next(iter(self.open_transactions.values()), offset + 1)
        return AbortedTransaction(producer_id, first_offset, offset, stable)

    # --- when an append is taken back

    def put_back(self, producer_id: int, known: Producer | None, first_offset: int | None) -> None:
        """Know of a producer, and of where its open transaction began, what was known before."""
        if known is None:
            self.producers.pop(producer_id, None)
        else:
            self.producers[producer_id] = known
        if first_offset is None:
            self.open_transactions.pop(producer_id, None)
        elif producer_id not in self.open_transactions:
            opened = sorted((*self.open_transactions.items(), (producer_id, first_offset)), key=_at)
            self.open_transactions = dict(opened)

    def forget_completed(self, offset: int) -> None:
        """Forget the ends of transactions that are not before `offset`."""
        while self._completed and self._completed[-1][1] >= offset:
            self._completed.pop()

    # --- what it tells

    def first_unstable_offset(self, high_watermark: int) -> int | None:
        """Return where the earliest transaction begins whose end consumers cannot see yet."""
        completed = self._completed
        while completed and completed[0][1] < high_watermark:
            completed.popleft()
        first = next(iter(self.open_transactions.values()), None)
        for began, _ in completed:
            if first is None or began < first:
                first = began
        return first

    def is_open(self, producer_id: int, epoch: int) -> bool:
        """Whether this producer has written in a transaction that has not ended."""
        known = self.producers.get(producer_id)
        return known is not None and known.first_offset >= 0 and known.epoch == epoch

    @property
    def all_stable(self) -> bool:
        """Whether no transaction can hold the last stable offset back."""
        return not self.open_transactions and not self._completed

    def expire(self, now_ms: int, expiration_ms: int) -> None:
        """Forget producers silent for `expiration_ms`, unless their transaction is open."""
        limit = now_ms - expiration_ms
        old = [
            producer_id
            for producer_id, producer in self.producers.items()
            if producer.last_timestamp <= limit and producer.first_offset < 0
        ]
        for producer_id in old:
            del self.producers[producer_id]

    def restore(self, producers: dict[int, Producer]) -> None:
        """Begin anew from a snapshot."""
        self.producers = producers
        opened = sorted(
            (p.first_offset, key) for key, p in producers.items() if p.first_offset >= 0
        )
        self.open_transactions = {key: first_offset for first_offset, key in opened}
        self._completed.clear()

    def _forget_oldest(self) -> None:
        silent = sorted(
            (producer.last_timestamp, producer_id)
            for producer_id, producer in self.producers.items()
            if producer.first_offset < 0
        )
        for _, producer_id in silent[: PRODUCERS_LIMIT // 10]:
            del self.producers[producer_id]


_ABORTED_DELTA: Final = -1
"""In a window: what stands for batches whose transaction was aborted. Nothing repeats them."""


def _repeated(
    known: Producer, producer_id: int, sequence: int, delta: int, expected: int
) -> SequencedBatch:
    """Find the batch of the window that a batch repeats. It is told apart by both its ends."""
    last = (sequence + delta) & LAST_SEQUENCE_NUMBER
    for batch in known.window:
        if batch.last_sequence == last and batch.offset_delta == delta:
            return batch
    if known.window and known.window[0].offset_delta < 0:
        raise _out_of_order(producer_id, sequence, expected)  # It must not pass for a success.
    behind = (expected - 1 - last) & LAST_SEQUENCE_NUMBER
    if known.window and behind < _HALF and (expected - sequence) & LAST_SEQUENCE_NUMBER < _HALF:
        # Wholly behind the window: it may be in the log, so that no client must send it anew.
        raise KafkaError(ErrorCode.DUPLICATE_SEQUENCE_NUMBER, f"sequence {sequence} is long past")
    raise _out_of_order(producer_id, sequence, expected)


def _out_of_order(producer_id: int, sequence: int, expected: int) -> KafkaError:
    return KafkaError(
        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
        f"producer {producer_id} sent sequence {sequence}, {expected} was due",
    )


def _at(opened: tuple[int, int]) -> int:
    """Where the transaction of this (producer id, first offset) begins."""
    return opened[1]

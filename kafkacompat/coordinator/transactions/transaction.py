"""A transactional id: hands out epochs, gathers partitions, and ends transactions, once.

Sans-I/O: methods take the time (monotonic `now_ms` for deadlines, `wall_ms` for records) and
return what to append and to answer. State changes in `replay` alone, which the shell calls for
each record as it is written and while loading, so that a request decides on all before it.

Spec: KIP-98; KIP-360 (a producer that lost track); KIP-588 (timeouts fence); KIP-890 (an epoch
for each transaction, partitions that add themselves).
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from kafkacompat.coordinator.outcome import Outcome, Ticket, Write, answer
from kafkacompat.coordinator.transactions.state import (
    MAX_EPOCH,
    NO_EPOCH,
    NO_PRODUCER_ID,
    NO_TIMESTAMP,
    V2,
    TopicIndex,
    TxnState,
    TxnStatus,
)
from kafkacompat_protocol.coordinator_records.transaction.transaction_log import (
    TransactionLogKey,
)
from kafkacompat_protocol.errors import ErrorCode


@dataclass(frozen=True, slots=True)
class TransactionSettings:
    """What the broker's configuration says about transactions."""

    max_timeout_ms: int
    expiration_ms: int


class Identity(NamedTuple):
    """A producer as it names itself, or as it is to name itself from now on."""

    producer_id: int
    epoch: int


NOBODY = Identity(NO_PRODUCER_ID, NO_EPOCH)


class Answered(NamedTuple):
    """The answer to a request: an error, and who the producer is from now on."""

    code: ErrorCode
    producer: Identity = NOBODY


class WriteMarkers(NamedTuple):
    """An effect: end the transaction in every partition, then say `markers_written`."""

    transactional_id: str
    state: TxnState


class Transaction:
    """One transactional id, from its first record on."""

    def __init__(self, transactional_id: str, settings: TransactionSettings) -> None:
        self.transactional_id = transactional_id
        self.settings = settings
        self.state: TxnState | None = None
        self.last_epoch = NO_EPOCH
        """The epoch before this one, if its producer raised it itself; not in the log."""
        self.deadline_ms: int | None = None

    # --- the records' side

    def replay(self, state: TxnState, now_ms: int) -> None:
        """Become what a record says. Deadlines begin anew; `elapsed` corrects them."""
        was_open = self.state is not None and self.state.status is TxnStatus.ONGOING
        self.state = state
        if state.status is TxnStatus.ONGOING:
            if not was_open or self.deadline_ms is None:
                self.deadline_ms = now_ms + state.timeout_ms
        elif state.status.is_idle:
            self.deadline_ms = now_ms + self.settings.expiration_ms
        else:
            self.deadline_ms = None

    def resume(self, now_ms: int, wall_ms: int) -> Outcome:
        """The log is read: count what time passed before, and go on ending what was ending."""
        state = self.state
        assert state is not None
        if state.status is TxnStatus.ONGOING:
            passed_ms = min(max(0, wall_ms - state.started_ms), state.timeout_ms)
            self.deadline_ms = now_ms + state.timeout_ms - passed_ms
        elif state.status.is_idle:
            passed_ms = max(0, wall_ms - state.updated_ms)
            self.deadline_ms = now_ms + max(0, self.settings.expiration_ms - passed_ms)
        else:
            return Outcome(effects=[WriteMarkers(self.transactional_id, state)])
        return Outcome()

    @property
    def is_blank(self) -> bool:
        """Whether no record made it."""
        return self.state is None

    def next_deadline_ms(self) -> int | None:
        """Return when `expire` has something to do."""
        return self.deadline_ms

    def abandoned(self, code: ErrorCode) -> Outcome:
        """Nobody waits in a transaction: requests wait for their own records only."""
        return Outcome()

    def expire(self, now_ms: int, wall_ms: int) -> Outcome:
        """Abort a transaction that took too long, fencing its producer; forget an idle id."""
        state = self.state
        if state is None or self.deadline_ms is None or now_ms < self.deadline_ms:
            return Outcome()
        if state.status is TxnStatus.ONGOING:
            return self._fence(state, wall_ms)
        return Outcome(records=[self.tombstone()])

    def tombstone(self) -> Write:
        """Return the record by which the id is forgotten."""
        return Write(TransactionLogKey(transactional_id=self.transactional_id), None)

    def _become(self, state: TxnState) -> Outcome:
        return Outcome(records=[state.write(self.transactional_id)])

    def _end(self, state: TxnState) -> Outcome:
        out = self._become(state)
        out.effects.append(WriteMarkers(self.transactional_id, state))
        return out

    def _fence(self, state: TxnState, wall_ms: int) -> Outcome:
        """Abort on behalf of nobody: with the next epoch, so that the producer is fenced."""
        self.last_epoch = NO_EPOCH
        epoch = min(state.epoch + 1, MAX_EPOCH)
        return self._end(state.move(TxnStatus.PREPARE_ABORT, wall_ms, epoch=epoch))

    # --- InitProducerId

    def needs_producer_id(self) -> bool:
        """Whether `init` or `end` may have to hand out a new producer id."""
        return self.state is None or self.state.is_exhausted

    def init(
        self,
        timeout_ms: int,
        claimed: Identity,
        new_producer_id: int,
        wall_ms: int,
        ticket: Ticket,
    ) -> Outcome:
        """Give a producer its id and epoch, which fences whoever had them before.

        `claimed` is what a producer that goes on after an error still knows of itself (KIP-360).
        `new_producer_id` is used where `needs_producer_id`; without one the client must retry.

        Errors: INVALID_TRANSACTION_TIMEOUT, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS.
        """
        if not 0 < timeout_ms <= self.settings.max_timeout_ms:
            return answer(ticket, Answered(ErrorCode.INVALID_TRANSACTION_TIMEOUT))
        state = self.state
        if state is None:
            state = TxnState(new_producer_id, NO_EPOCH, timeout_ms, updated_ms=wall_ms)
            if new_producer_id < 0:
                return answer(ticket, Answered(ErrorCode.CONCURRENT_TRANSACTIONS))
        elif not _may_claim(state, claimed):
            return answer(ticket, Answered(ErrorCode.PRODUCER_FENCED))
        if state.status.is_ending:
            return answer(ticket, Answered(ErrorCode.CONCURRENT_TRANSACTIONS))
        if state.status is TxnStatus.ONGOING:
            out = self._fence(state, wall_ms)
            out.reply(ticket, Answered(ErrorCode.CONCURRENT_TRANSACTIONS))
            return out
        if state.is_exhausted:
            if new_producer_id < 0:
                return answer(ticket, Answered(ErrorCode.CONCURRENT_TRANSACTIONS))
            last_epoch = state.epoch if claimed != NOBODY else NO_EPOCH
            changes = {"producer_id": new_producer_id, "epoch": 0}
        else:
            bumped = self._bumped(state, claimed)
            if bumped is None:
                return answer(ticket, Answered(ErrorCode.PRODUCER_FENCED))
            epoch, last_epoch = bumped
            changes = {"epoch": epoch}
        self.last_epoch = last_epoch
        fresh = state.move(
            TxnStatus.EMPTY,
            wall_ms,
            timeout_ms=timeout_ms,
            partitions=frozenset(),
            started_ms=NO_TIMESTAMP,
            next_producer_id=NO_PRODUCER_ID,
            previous_producer_id=NO_PRODUCER_ID if state.epoch < 0 else state.producer_id,
            **changes,
        )
        out = self._become(fresh)
        out.reply(ticket, Answered(ErrorCode.NONE, Identity(fresh.producer_id, fresh.epoch)))
        return out

    def _bumped(self, state: TxnState, claimed: Identity) -> tuple[int, int] | None:
        """Return the epoch to give out and the one before it; None if the claim is fenced."""
        if claimed == NOBODY:
            return state.epoch + 1, NO_EPOCH
        if state.epoch == NO_EPOCH or claimed.epoch == state.epoch:
            return state.epoch + 1, state.epoch
        if claimed.epoch == self.last_epoch:
            return state.epoch, self.last_epoch  # the same request again
        return None

    # --- AddPartitionsToTxn, AddOffsetsToTxn, and Produce that adds by itself

    def _refusal(self, producer: Identity) -> ErrorCode:
        """Return why a producer may not write just now."""
        state = self.state
        if state is None or state.producer_id != producer.producer_id:
            return ErrorCode.INVALID_PRODUCER_ID_MAPPING
        if state.epoch != producer.epoch:
            return ErrorCode.PRODUCER_FENCED
        if state.status.is_ending:
            return ErrorCode.CONCURRENT_TRANSACTIONS
        return ErrorCode.NONE

    def add(
        self,
        producer: Identity,
        partitions: frozenset[TopicIndex],
        client_version: int,
        wall_ms: int,
        ticket: Ticket,
    ) -> Outcome:
        """Have a transaction include these partitions; the first of them begin it.

        Errors: INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS.
        """
        code = self._refusal(producer)
        state = self.state
        if code or state is None:
            return answer(ticket, Answered(code))
        is_open = state.status is TxnStatus.ONGOING
        if is_open and partitions <= state.partitions:
            return answer(ticket, Answered(ErrorCode.NONE))
        out = self._become(
            state.move(
                TxnStatus.ONGOING,
                wall_ms,
                partitions=state.partitions | partitions,
                started_ms=state.started_ms if is_open else wall_ms,
                client_version=client_version,
            )
        )
        out.reply(ticket, Answered(ErrorCode.NONE))
        return out

    def holds(self, producer: Identity, partition: TopicIndex) -> ErrorCode:
        """Whether this partition is in the producer's open transaction.

        Errors: INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS,
        INVALID_TXN_STATE.
        """
        code = self._refusal(producer)
        if code or self.state is None:
            return code
        is_open = self.state.status is TxnStatus.ONGOING and partition in self.state.partitions
        return ErrorCode.NONE if is_open else ErrorCode.INVALID_TXN_STATE

    # --- EndTxn

    def end(
        self,
        producer: Identity,
        *,
        commit: bool,
        client_version: int,
        new_producer_id: int,
        wall_ms: int,
        ticket: Ticket,
    ) -> Outcome:
        """Commit or abort. It is decided when this is answered; markers follow.

        A client of version 2 gets its next epoch, or with the last one used up the new id.

        Errors: INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS,
        INVALID_TXN_STATE.
        """
        state = self.state
        if state is None:
            return answer(ticket, Answered(ErrorCode.INVALID_PRODUCER_ID_MAPPING))
        is_v2 = client_version >= V2
        is_retry = is_v2 and _is_retried_end(state, producer)
        code = _end_refusal(state, producer, is_retry=is_retry, is_v2=is_v2)
        if not code:
            code = _end_verdict(state.status, commit=commit, is_retry=is_retry, is_v2=is_v2)
        if code:
            return answer(ticket, Answered(code))
        if state.status.is_idle and (is_retry or not is_v2):
            if is_v2 and state.epoch == MAX_EPOCH:  # fenced with the epoch that nobody may have
                return answer(ticket, Answered(ErrorCode.PRODUCER_FENCED))
            return answer(ticket, Answered(code, Identity(state.producer_id, state.epoch)))
        is_last = is_v2 and state.is_exhausted
        if is_last and new_producer_id < 0:
            return answer(ticket, Answered(ErrorCode.CONCURRENT_TRANSACTIONS))
        if is_v2:
            self.last_epoch = state.epoch
        ending = state.move(
            TxnStatus.PREPARE_COMMIT if commit else TxnStatus.PREPARE_ABORT,
            wall_ms,
            epoch=state.epoch + 1 if is_v2 else state.epoch,
            next_producer_id=new_producer_id if is_last else NO_PRODUCER_ID,
            started_ms=wall_ms if state.status.is_idle else state.started_ms,
            client_version=client_version,
        )
        out = self._end(ending)
        after = (
            Identity(new_producer_id, 0) if is_last else Identity(state.producer_id, ending.epoch)
        )
        out.reply(ticket, Answered(ErrorCode.NONE, after))
        return out

    def markers_written(self, ended: TxnState, wall_ms: int) -> Outcome:
        """Every partition has its marker: the transaction is complete, if it still is `ended`."""
        state = self.state
        if state != ended or not state.status.is_ending:
            return Outcome()
        commits = state.status is TxnStatus.PREPARE_COMMIT
        done = state.move(
            TxnStatus.COMPLETE_COMMIT if commits else TxnStatus.COMPLETE_ABORT,
            wall_ms,
            partitions=frozenset(),
            next_producer_id=NO_PRODUCER_ID,
        )
        if state.next_producer_id != NO_PRODUCER_ID:
            done = replace(done, producer_id=state.next_producer_id, epoch=0)
        return self._become(done)


def _may_claim(state: TxnState, claimed: Identity) -> bool:
    """Whether the id that a producer claims is this one's, now or a moment ago."""
    if claimed == NOBODY or state.epoch == NO_EPOCH:
        return True
    if claimed.producer_id == state.producer_id:
        return True
    return claimed.producer_id == state.previous_producer_id and claimed.epoch >= MAX_EPOCH - 1


def _is_retried_end(state: TxnState, producer: Identity) -> bool:
    """Whether an EndTxn of version 2 was answered before, but its answer got lost."""
    if producer.producer_id == state.producer_id:
        return producer.epoch + 1 == state.epoch
    took_over = state.producer_id != state.previous_producer_id and state.epoch == 0
    return (
        took_over
        and producer.producer_id == state.previous_producer_id
        and producer.epoch == MAX_EPOCH - 1
    )


def _end_refusal(state: TxnState, producer: Identity, *, is_retry: bool, is_v2: bool) -> ErrorCode:
    """Return why this producer may not end a transaction at all."""
    if producer.producer_id != state.producer_id and not is_retry:
        return ErrorCode.INVALID_PRODUCER_ID_MAPPING
    if is_v2 and state.status.is_ending:
        # Whoever has the newest epoch got it with the end that is under way: it ends the next one.
        waits = ErrorCode.CONCURRENT_TRANSACTIONS
        is_next = producer.epoch == state.epoch
        return ErrorCode.NONE if is_retry else waits if is_next else ErrorCode.PRODUCER_FENCED
    if is_v2 and is_retry and state.status in (TxnStatus.COMPLETE_COMMIT, TxnStatus.COMPLETE_ABORT):
        return ErrorCode.NONE
    return ErrorCode.NONE if producer.epoch == state.epoch else ErrorCode.PRODUCER_FENCED


def _end_verdict(status: TxnStatus, *, commit: bool, is_retry: bool, is_v2: bool) -> ErrorCode:
    """Return whether a transaction in this state can be ended so, or was."""
    if status is TxnStatus.ONGOING:
        return ErrorCode.NONE
    same = TxnStatus.COMPLETE_COMMIT if commit else TxnStatus.COMPLETE_ABORT
    if status.is_ending:
        going = TxnStatus.PREPARE_COMMIT if commit else TxnStatus.PREPARE_ABORT
        is_going = status is going
        return ErrorCode.CONCURRENT_TRANSACTIONS if is_going else ErrorCode.INVALID_TXN_STATE
    if is_v2 and not is_retry:
        # Nothing was added: an abort raises the epoch all the same, a commit has nothing to say.
        return ErrorCode.INVALID_TXN_STATE if commit else ErrorCode.NONE
    return ErrorCode.NONE if status is same else ErrorCode.INVALID_TXN_STATE

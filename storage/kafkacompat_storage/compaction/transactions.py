"""What becomes of the batches and markers of transactions, walking a log from front to back.

Data of an aborted transaction go at once. A marker goes when nothing of its transaction was met
any more: then it is given a time, and goes when that has passed (KIP-534).

Spec: KIP-98 (markers and compaction).
"""

from collections import deque
from collections.abc import Iterable

from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.records.batch import BatchHeader
from kafkacompat_protocol.records.control import ControlRecordType, read_control_record

from ..files import Buffer
from ..txn_index import AbortedTransaction


class CleanedTransactions:
    """The transactions of one walk. `aborted` are those that were, as far as the walk will go."""

    def __init__(self, aborted: Iterable[AbortedTransaction]) -> None:
        self._ahead = deque(sorted(aborted, key=lambda transaction: transaction.first_offset))
        self._aborting: dict[int, AbortedTransaction] = {}
        self._met: set[int] = set()
        """Producers whose aborted transaction has a batch that was met."""
        self._committed: set[int] = set()
        self.kept: list[AbortedTransaction] = []
        """Aborted transactions whose markers and data were met, for the segment's index."""

    def goes(self, header: BatchHeader, content: Buffer) -> bool:
        """Take in the next batch; return whether it may go as far as transactions are concerned."""
        while self._ahead and self._ahead[0].first_offset <= header.last_offset:
            transaction = self._ahead.popleft()
            self._aborting.setdefault(transaction.producer_id, transaction)
        if header.is_control:
            return self._marker_goes(header, content)
        if not header.is_transactional:
            return False
        if header.producer_id in self._aborting:
            self._met.add(header.producer_id)
            return True
        self._committed.add(header.producer_id)
        return False

    def _marker_goes(self, header: BatchHeader, content: Buffer) -> bool:
        if not header.record_count:
            return True  # What a former pass has left of it.
        kind = _kind(content)
        if kind == ControlRecordType.COMMIT:
            if header.producer_id not in self._committed:
                return True
            self._committed.discard(header.producer_id)
            return False
        if kind != ControlRecordType.ABORT:
            return False
        transaction = self._aborting.pop(header.producer_id, None)
        if transaction is None or header.producer_id not in self._met:
            return True
        self._met.discard(header.producer_id)
        self.kept.append(transaction)
        return False


def _kind(content: Buffer) -> int:
    try:
        return read_control_record(content).type
    except KafkaError:
        return -1  # Nobody knows what it is: it stays.

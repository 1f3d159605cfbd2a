"""DescribeTransactions over the wire."""

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_transactions import (
    DescribeTransactionsRequest,
    TransactionTopic,
)
from tests.support.node import RunningNode
from tests.support.transactions_on_the_wire import WireProducer


def test_ids_are_described_one_by_one(broker: RunningNode) -> None:
    broker.create_topic("t", 3)
    producer = WireProducer(broker)
    producer.init(timeout_ms=4_000)
    producer.send(b"a", index=2)
    producer.send(b"a", index=0)
    request = DescribeTransactionsRequest(transactional_ids=["x", "nobody", ""])
    found, unknown, empty = broker.call(request, 0).transaction_states
    assert unknown.error_code == ErrorCode.TRANSACTIONAL_ID_NOT_FOUND
    assert empty.error_code == ErrorCode.INVALID_REQUEST
    assert (found.error_code, found.transaction_state) == (0, "Ongoing")
    assert (found.producer_id, found.producer_epoch) == (producer.producer_id, producer.epoch)
    assert found.transaction_timeout_ms == 4_000
    assert found.transaction_start_time_ms > 0
    assert found.topics == [TransactionTopic(topic="t", partitions=[0, 2])]

"""AddPartitionsToTxn over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnTopic,
    AddPartitionsToTxnTransaction,
)
from tests.support.node import RunningNode
from tests.support.transactions_on_the_wire import WireProducer


@pytest.fixture(scope="module")
def producer(broker: RunningNode) -> WireProducer:
    broker.create_topic("t", 4)
    made = WireProducer(broker, "adds")
    made.init()
    return made


@pytest.mark.parametrize("version", range(4))
def test_clients_add_partitions(producer: WireProducer, version: int) -> None:
    assert producer.add(version, version=version) == 0
    shard = producer.broker.run(lambda: producer.broker.node.transactions.shard("adds"))
    assert ("t", version) in shard.transaction("adds").state.partitions


def codes(told: list[object]) -> list[int]:
    return [
        partition.partition_error_code  # type: ignore[attr-defined]
        for topic in told
        for partition in topic.results_by_partition  # type: ignore[attr-defined]
    ]


def test_if_one_partition_cannot_be_added_none_is(producer: WireProducer) -> None:
    request = AddPartitionsToTxnRequest(
        v3_and_below_transactional_id="adds",
        v3_and_below_producer_id=producer.producer_id,
        v3_and_below_producer_epoch=producer.epoch,
        v3_and_below_topics=[
            AddPartitionsToTxnTopic(name="t", partitions=[0, 9]),
            AddPartitionsToTxnTopic(name="nowhere", partitions=[0]),
            AddPartitionsToTxnTopic(name="__transaction_state", partitions=[0]),
        ],
    )
    told = producer.client.call(request, 3).results_by_topic_v3_and_below
    assert codes(told) == [
        ErrorCode.OPERATION_NOT_ATTEMPTED,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    ]


@pytest.mark.parametrize("version", [1, 2])
def test_a_fenced_producer_is_told_in_its_versions_words(
    producer: WireProducer, version: int
) -> None:
    zombie = WireProducer(producer.broker, "adds")
    zombie.producer_id, zombie.epoch = producer.producer_id, producer.epoch + 1
    code = ErrorCode.PRODUCER_FENCED if version >= 2 else ErrorCode.INVALID_PRODUCER_EPOCH
    assert zombie.add(0, version=version) == code


@pytest.mark.parametrize("version", [4, 5])
def test_brokers_add_and_verify_for_several_transactions(
    broker: RunningNode, producer: WireProducer, version: int
) -> None:
    other = WireProducer(broker, f"other-{version}")
    other.init()
    partitions = [AddPartitionsToTxnTopic(name="t", partitions=[0])]

    def asked(of: WireProducer, *, verify: bool) -> AddPartitionsToTxnTransaction:
        return AddPartitionsToTxnTransaction(
            transactional_id=of.name,
            producer_id=of.producer_id,
            producer_epoch=of.epoch,
            verify_only=verify,
            topics=partitions,
        )

    request = AddPartitionsToTxnRequest(
        transactions=[asked(other, verify=True), asked(other, verify=False)]
    )
    told = broker.call(request, version)
    assert told.error_code == 0
    assert [codes(r.topic_results) for r in told.results_by_transaction] == [
        [ErrorCode.TRANSACTION_ABORTABLE],
        [0],
    ]
    again = broker.call(AddPartitionsToTxnRequest(transactions=[asked(other, verify=True)]), 4)
    assert codes(again.results_by_transaction[0].topic_results) == [0]
    unknown = AddPartitionsToTxnTransaction(
        transactional_id="nobody", producer_id=1, producer_epoch=0, topics=partitions
    )
    nobody = broker.call(AddPartitionsToTxnRequest(transactions=[unknown]), version)
    assert codes(nobody.results_by_transaction[0].topic_results) == [
        ErrorCode.INVALID_PRODUCER_ID_MAPPING
    ]

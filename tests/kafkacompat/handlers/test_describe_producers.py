"""DescribeProducers over the wire."""

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersRequestTopic,
)
from tests.support.node import RunningNode
from tests.support.transactions_on_the_wire import WireProducer


def test_producers_are_described_with_what_they_have_open(broker: RunningNode) -> None:
    broker.create_topic("t")
    producer = WireProducer(broker)
    producer.init()
    producer.send(b"a", b"b")
    wanted = DescribeProducersRequestTopic(name="t", partition_indexes=[0, 7])
    told = broker.call(DescribeProducersRequest(topics=[wanted]), 0).topics[0].partitions
    assert told[1].error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    (found,) = told[0].active_producers
    assert (found.producer_id, found.producer_epoch) == (producer.producer_id, producer.epoch)
    assert (found.last_sequence, found.current_txn_start_offset) == (1, 0)
    assert found.coordinator_epoch == -1
    assert found.last_timestamp > 0
    producer.end()
    log = broker.run(lambda: broker.node.partitions.find("t", 0).log)
    broker.wait_until(lambda: log.last_stable_offset == 3)
    told = broker.call(DescribeProducersRequest(topics=[wanted]), 0).topics[0].partitions
    (after,) = told[0].active_producers
    assert (after.producer_epoch, after.current_txn_start_offset) == (producer.epoch, -1)
    assert (after.last_sequence, after.coordinator_epoch) == (-1, 0)


def test_topics_that_are_not_there_are_told_apart_from_those_that_cannot_be(
    broker: RunningNode,
) -> None:
    topics = [
        DescribeProducersRequestTopic(name=name, partition_indexes=[0]) for name in ("missing", "")
    ]
    told = broker.call(DescribeProducersRequest(topics=topics), 0).topics
    assert [(t.partitions[0].error_code, t.partitions[0].error_message) for t in told] == [
        (ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition."),
        (
            ErrorCode.INVALID_TOPIC_EXCEPTION,
            "Topic name is invalid: the empty string is not allowed",
        ),
    ]

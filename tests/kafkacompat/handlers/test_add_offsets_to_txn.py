"""AddOffsetsToTxn over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from tests.support.node import RunningNode
from tests.support.transactions_on_the_wire import WireProducer


@pytest.mark.parametrize("version", range(5))
def test_the_groups_partition_is_added(broker: RunningNode, version: int) -> None:
    producer = WireProducer(broker, f"offsets-{version}")
    producer.init()
    assert producer.add_offsets("g", version) == 0
    node = broker.node
    expected = ("__consumer_offsets", broker.run(lambda: node.groups.index_of("g")))
    shard = broker.run(lambda: node.transactions.shard(producer.name))
    assert shard.transaction(producer.name).state.partitions == {expected}
    producer.epoch += 1
    fenced = ErrorCode.PRODUCER_FENCED if version >= 2 else ErrorCode.INVALID_PRODUCER_EPOCH
    assert producer.add_offsets("g", version) == fenced

"""Without a fault a request is served as ever, and noted."""

from kafkacompat import ThreadedBroker
from kafkacompat.embedded.tap import Tap
from kafkacompat_protocol.records.batch import read_header
from tests.support.node import WireClient
from tests.support.produced import batch, produce_request


def test_records_are_noted_as_they_were_sent(broker: ThreadedBroker) -> None:
    client = WireClient(("127.0.0.1", broker.port))
    client.call(produce_request(batch(b"a")), 8)
    client.call(produce_request(batch(b"b")), 8)
    client.close()
    noted = broker.requests("Produce")[-1]
    sent = noted.request.topic_data[0].partition_data[0].records
    assert read_header(sent).base_offset == 0
    assert noted.response.responses[0].partition_responses[0].base_offset == 1
    assert [record.value for record in broker.records("t")] == [b"a", b"b"]


def test_a_node_keeps_its_tap_over_a_reset(broker: ThreadedBroker) -> None:
    tap = broker._host.node.tap
    broker.reset()
    assert isinstance(tap, Tap)
    assert broker._host.node.tap is tap

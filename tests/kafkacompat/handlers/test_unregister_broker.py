"""UnregisterBroker over the wire."""

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.unregister_broker import UnregisterBrokerRequest
from kafkacompat_protocol.metadata_records.brokers import RegisterBrokerRecord
from tests.support.node import RunningNode


def test_a_broker_that_is_gone_can_be_forgotten(broker: RunningNode) -> None:
    gone = RegisterBrokerRecord(broker_id=7, broker_epoch=3, end_points=[], features=[], rack=None)
    broker.run(lambda: broker.node.image.apply(gone))
    told = broker.call(UnregisterBrokerRequest(broker_id=7), 0)
    assert (told.error_code, told.error_message) == (0, None)
    assert broker.run(lambda: list(broker.node.image.brokers)) == [1]
    again = broker.call(UnregisterBrokerRequest(broker_id=7), 0)
    assert again.error_code == ErrorCode.BROKER_ID_NOT_REGISTERED
    assert again.error_message == "Broker ID 7 is not currently registered"


def test_the_only_broker_stays(broker: RunningNode) -> None:
    told = broker.call(UnregisterBrokerRequest(broker_id=1), 0)
    assert told.error_code == ErrorCode.INVALID_REQUEST
    assert broker.run(lambda: list(broker.node.image.brokers)) == [1]

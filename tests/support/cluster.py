"""Clients of one of several brokers, for tests."""

from kafkacompat import ThreadedBroker
from kafkacompat.server.advertise import split_address
from tests.support.node import WireClient


def client_of(broker: ThreadedBroker, broker_id: int) -> WireClient:
    """Return a connection to one of the brokers, to be closed by the caller."""
    return WireClient(split_address(broker.addresses[broker_id]))

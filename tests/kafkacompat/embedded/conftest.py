"""A broker for each module, as it was at its start for each test."""

from collections.abc import Iterator

import pytest

from kafkacompat import ThreadedBroker


@pytest.fixture(scope="module")
def one_broker() -> Iterator[ThreadedBroker]:
    with ThreadedBroker(topics={"t": 2}) as running:
        yield running


@pytest.fixture
def broker(one_broker: ThreadedBroker) -> ThreadedBroker:
    one_broker.clock.unfreeze()
    one_broker.reset()
    return one_broker

"""ListTransactions over the wire: every filter."""

from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.list_transactions import ListTransactionsRequest
from tests.support.node import RunningNode
from tests.support.transactions_on_the_wire import WireProducer


@pytest.fixture(scope="module")
def producers(broker: RunningNode) -> list[WireProducer]:
    """Two ids, of which the second has a transaction open."""
    broker.create_topic("t")
    made = [WireProducer(broker, name) for name in ("idle-1", "open-1")]
    for producer in made:
        producer.init()
    made[1].send(b"a")
    return made


def listed(broker: RunningNode, version: int = 2, **filters: Any) -> list[tuple[str, str]]:
    request = ListTransactionsRequest(
        state_filters=filters.pop("states", []),
        producer_id_filters=filters.pop("producer_ids", []),
        **filters,
    )
    told = broker.call(request, version)
    assert told.error_code == 0
    return sorted((t.transactional_id, t.transaction_state) for t in told.transaction_states)


IDLE, OPEN = ("idle-1", "Empty"), ("open-1", "Ongoing")


@pytest.mark.parametrize("version", range(3))
def test_all_are_listed_or_those_in_a_state(
    broker: RunningNode, producers: list[WireProducer], version: int
) -> None:
    assert listed(broker, version) == [IDLE, OPEN]
    assert listed(broker, version, states=["Ongoing"]) == [OPEN]
    assert listed(broker, version, producer_ids=[producers[0].producer_id]) == [IDLE]


def test_what_is_open_for_long_is_found_and_what_never_began(
    broker: RunningNode, producers: list[WireProducer]
) -> None:
    assert listed(broker, duration_filter=3_600_000) == [IDLE]
    while (found := listed(broker, duration_filter=0)) == [IDLE]:
        pass
    assert found == [IDLE, OPEN]


def test_ids_are_found_by_a_pattern(broker: RunningNode, producers: list[WireProducer]) -> None:
    assert listed(broker, transactional_id_pattern="open.*") == [OPEN]
    assert listed(broker, transactional_id_pattern="open") == []
    bad = ListTransactionsRequest(
        state_filters=[], producer_id_filters=[], transactional_id_pattern="("
    )
    assert broker.call(bad, 2).error_code == ErrorCode.INVALID_REGULAR_EXPRESSION


def test_states_that_are_none_are_named(broker: RunningNode, producers: list[WireProducer]) -> None:
    request = ListTransactionsRequest(state_filters=["Odd"], producer_id_filters=[])
    told = broker.call(request, 0)
    assert (told.unknown_state_filters, told.transaction_states) == (["Odd"], [])

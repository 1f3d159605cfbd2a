"""Topics out of consumers' protocol metadata."""

import pytest

from kafkacompat.coordinator.groups.subscriptions import subscribed_topics
from tests.support.groups import Table

# version 0, two topics "ab" and "c", no user data: as kafka-python 2.0.2 sends it
METADATA = bytes.fromhex("0000" + "00000002" + "00026162" + "000163" + "ffffffff")


def test_topics_of_all_members_are_found() -> None:
    table = Table()
    table.join(protocols={"range": METADATA})
    assert subscribed_topics(table.group) == {"ab", "c"}


@pytest.mark.parametrize("size", range(len(METADATA) - 4))
def test_metadata_cut_short_names_nothing(size: int) -> None:
    table = Table()
    table.join(protocols={"range": METADATA[:size]})
    assert subscribed_topics(table.group) == frozenset()


def test_a_huge_count_is_not_believed() -> None:
    table = Table()
    table.join(protocols={"range": bytes.fromhex("00007fffffff")})
    assert subscribed_topics(table.group) == frozenset()

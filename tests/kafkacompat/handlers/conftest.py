"""A broker in memory for all tests of one module."""

from collections.abc import Iterator

import pytest

from tests.support.node import RunningNode, running_node


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningNode]:
    with running_node() as running:
        yield running

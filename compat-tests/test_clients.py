"""The rows that every test run tries, of clients whose programs are not Python: see matrix/."""

import pytest
from matrix.brokers import OURS
from matrix.manifest import PROGRAM, Client, clients
from matrix.running import run

from tests.support.toolchains import unavailable

QUICK = [(who, version) for who in clients() if who.kind == PROGRAM for version in who.quick]


@pytest.mark.parametrize(("client", "version"), QUICK, ids=lambda each: getattr(each, "name", each))
def test_a_client_finds_what_it_needs(client: Client, version: str) -> None:
    result = run(client, version, OURS)
    if result.unavailable:
        unavailable(result.unavailable)
    assert result.failed == {}
    assert result.passed

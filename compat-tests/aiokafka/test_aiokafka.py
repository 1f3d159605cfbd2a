"""aiokafka against our broker: one test per scenario."""

from collections.abc import Iterator

import pytest
from client_process import ClientProcess, running_client
from scenarios import SCENARIOS


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientProcess]:
    with running_client("aiokafka", tmp_path_factory.mktemp("client")) as running:
        yield running


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_aiokafka(client: ClientProcess, scenario: str) -> None:
    client.run(scenario)

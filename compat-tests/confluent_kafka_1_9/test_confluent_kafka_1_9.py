"""confluent-kafka 1.9.2 against our broker: one test per scenario."""

from collections.abc import Iterator

import pytest
from client_process import ClientProcess, running_client
from scenarios import SCENARIOS


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientProcess]:
    with running_client("confluent_kafka_1_9", tmp_path_factory.mktemp("client")) as running:
        yield running


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_confluent_kafka_1_9(client: ClientProcess, scenario: str) -> None:
    client.run(scenario)

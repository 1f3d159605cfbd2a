"""kafka-python 1.4.7 against our broker: one test per scenario."""

from collections.abc import Iterator

import pytest
from client_process import ClientProcess, running_client
from scenarios import SCENARIOS

CANNOT = {
    "records_come_back_exactly_zstd",
    "a_static_member_comes_back_to_its_partitions",
    "an_idempotent_producer_outlives_cut_connections",
}
"""This version knows neither zstd, nor static members, nor idempotence."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientProcess]:
    with running_client("kafka_python_1_4", tmp_path_factory.mktemp("client")) as running:
        yield running


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name not in CANNOT])
def test_kafka_python_1_4(client: ClientProcess, scenario: str) -> None:
    client.run(scenario)

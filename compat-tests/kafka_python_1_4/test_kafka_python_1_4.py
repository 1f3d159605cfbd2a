"""kafka-python 1.4.7 against our broker: one test per scenario."""

import pytest
from client_process import ClientProcess
from scenarios import SCENARIOS

CANNOT = {
    "records_come_back_exactly_zstd",
    "a_static_member_comes_back_to_its_partitions",
    "an_idempotent_producer_outlives_cut_connections",
}
"""This version knows neither zstd, nor static members, nor idempotence."""


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name not in CANNOT])
def test_kafka_python_1_4(scenario_client: ClientProcess, scenario: str) -> None:
    scenario_client.run(scenario)

"""confluent-kafka 2.2.0 against our broker: one test per scenario."""

import pytest
from client_process import ClientProcess
from scenarios import SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_confluent_kafka_2_2(scenario_client: ClientProcess, scenario: str) -> None:
    scenario_client.run(scenario)

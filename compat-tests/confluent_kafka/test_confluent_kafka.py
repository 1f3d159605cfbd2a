"""confluent-kafka, which is librdkafka, against our broker: one test per scenario."""

import pytest
from client_process import ClientProcess
from scenarios import SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_confluent_kafka(scenario_client: ClientProcess, scenario: str) -> None:
    scenario_client.run(scenario)

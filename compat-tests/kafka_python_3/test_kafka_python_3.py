"""kafka-python 3.0 against our broker: one test per scenario."""

import pytest
from client_process import ClientProcess
from scenarios import SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_kafka_python_3(scenario_client: ClientProcess, scenario: str) -> None:
    scenario_client.run(scenario)

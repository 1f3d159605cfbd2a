"""A home of the real Kafka works: its broker starts, its tools reach it, it stops."""

import subprocess
from pathlib import Path

import pytest

from tests.support.toolchains import kafka_home_module, require_kafka_home

pytestmark = pytest.mark.java


@pytest.mark.parametrize("version", ["3.9.1", "4.3.1"])
def test_a_broker_of_a_home_starts_answers_its_tools_and_stops(
    version: str, tmp_path: Path
) -> None:
    home = require_kafka_home(version)
    running_broker = kafka_home_module().running_broker

    with running_broker(home, tmp_path, settings={"num.partitions": "2"}) as broker:
        topics = [str(home / "bin" / "kafka-topics.sh"), "--bootstrap-server", broker.bootstrap]
        subprocess.run([*topics, "--create", "--topic", "t"], check=True, capture_output=True)
        shown = subprocess.run([*topics, "--describe"], check=True, capture_output=True, text=True)

    assert "PartitionCount: 2" in shown.stdout
    assert (tmp_path / "data" / ".kafka_cleanshutdown").exists()


def test_an_unknown_version_is_refused_with_what_maven_said() -> None:
    require_kafka_home("4.3.1")
    module = kafka_home_module()

    with pytest.raises(module.KafkaHomeError, match=r"could not fetch Kafka 0\.0\.1"):
        module.build("0.0.1")

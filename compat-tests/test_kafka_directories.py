"""Data folders move between Apache Kafka and us, in place, both ways, nothing lost."""

import os
import signal
from pathlib import Path

import pytest
from broker_process import BrokerProcess, running_broker
from contents import Contents, change, contents, fill

from tests.support.toolchains import kafka_home_module, require_kafka_home

pytestmark = pytest.mark.java

KAFKAS = {"offsets.topic.num.partitions": "7"}
"""Other than our default, so that neither side may trust its own configuration."""


def _expect(bootstrap: str, expected: Contents) -> None:
    found = contents(bootstrap)
    assert found.configs == expected.configs
    assert found.records == expected.records
    assert found.offsets == expected.offsets


@pytest.mark.parametrize("version", ["4.3.1", "3.9.1"])
def test_a_directory_of_kafka_is_used_by_us_and_opens_in_kafka_again(
    version: str, tmp_path: Path
) -> None:
    home = require_kafka_home(version)
    running_kafka = kafka_home_module().running_broker
    data = tmp_path / "data"
    with running_kafka(home, tmp_path, settings=KAFKAS) as kafka:
        expected = fill(kafka.bootstrap, "theirs")
        _expect(kafka.bootstrap, expected)

    with running_broker(data) as ours:
        _expect(ours.bootstrap, expected)
        expected.add(fill(ours.bootstrap, "ours"))
        change(ours.bootstrap, "theirs", expected)
    with running_broker(data) as ours:
        _expect(ours.bootstrap, expected)

    with running_kafka(home, tmp_path, settings=KAFKAS) as kafka:
        _expect(kafka.bootstrap, expected)
        expected.add(fill(kafka.bootstrap, "again"))
        change(kafka.bootstrap, "ours", expected)

    with running_broker(data) as ours:
        _expect(ours.bootstrap, expected)


def test_a_directory_that_we_made_opens_in_kafka(tmp_path: Path) -> None:
    home = require_kafka_home("4.3.1")
    with running_broker(tmp_path / "data") as ours:
        expected = fill(ours.bootstrap, "ours")
        _expect(ours.bootstrap, expected)

    with kafka_home_module().running_broker(home, tmp_path, settings=KAFKAS) as kafka:
        _expect(kafka.bootstrap, expected)
        expected.add(fill(kafka.bootstrap, "theirs"))

    with running_broker(tmp_path / "data") as ours:
        _expect(ours.bootstrap, expected)


def test_a_directory_that_was_killed_under_us_opens_in_kafka(tmp_path: Path) -> None:
    home = require_kafka_home("4.3.1")
    killed = BrokerProcess(tmp_path / "data").start()
    try:
        expected = fill(killed.bootstrap, "ours")
    finally:
        killed.kill()

    with kafka_home_module().running_broker(home, tmp_path, settings=KAFKAS) as kafka:
        _expect(kafka.bootstrap, expected)


def test_a_directory_that_was_killed_under_kafka_opens_here(tmp_path: Path) -> None:
    home = require_kafka_home("4.3.1")
    with kafka_home_module().running_broker(home, tmp_path, settings=KAFKAS) as kafka:
        expected = fill(kafka.bootstrap, "theirs")
        os.kill(kafka.pid, signal.SIGKILL)

    with running_broker(tmp_path / "data") as ours:
        _expect(ours.bootstrap, expected)
        expected.add(fill(ours.bootstrap, "ours"))
        _expect(ours.bootstrap, expected)

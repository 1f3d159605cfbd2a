"""Kafka's own share consumers live through the same with Apache Kafka and with this broker."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from broker_process import running_broker
from confluent_kafka.admin import AdminClient, NewTopic
from java_commands import JavaCommands

from tests.support.toolchains import kafka_home_module, require_kafka_home

pytestmark = pytest.mark.java

HERE = Path(__file__).resolve().parent
CONFIGS = "kafka.admin.ConfigCommand"
SETTINGS = {
    "share.coordinator.state.topic.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
}


@pytest.fixture(scope="module")
def home() -> Path:
    return require_kafka_home("4.3.1")


@pytest.fixture(scope="module")
def brokers(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Where Kafka and this broker are."""
    folder = tmp_path_factory.mktemp("brokers")
    with (
        kafka_home_module().running_broker(home, folder / "kafka", settings=SETTINGS) as kafka,
        running_broker(folder / "ours") as ours,
    ):
        yield [kafka.bootstrap, ours.bootstrap]


def prepare(home: Path, bootstrap: str, name: str, isolation_level: str) -> None:
    """Make a topic, and have the group of its name begin with its first record."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(name, 1, 1)])[name].result()
    configs = f"share.auto.offset.reset=earliest,share.isolation.level={isolation_level}"
    arguments = ["--alter", "--entity-type", "groups", "--entity-name", name]
    with JavaCommands(home) as tools:
        told = tools.run(
            CONFIGS, "--bootstrap-server", bootstrap, *arguments, "--add-config", configs
        )
    assert "Completed" in told, told


def story(home: Path, bootstrap: str, name: str, *, in_transactions: bool) -> list[str]:
    """Have the Java program produce and consume; return what became of each offset."""
    command = ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{home}/libs/*"]
    command += [str(HERE / "ShareStory.java"), bootstrap, name, name, str(in_transactions).lower()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_records_are_accepted_released_rejected_and_renewed(home: Path, brokers: list[str]) -> None:
    found = []
    for bootstrap in brokers:
        prepare(home, bootstrap, "plain", "read_uncommitted")
        found.append(story(home, bootstrap, "plain", in_transactions=False))

    kafkas, ours = found
    assert ours == kafkas
    assert ours[1:4] == [
        "1 good/1 RELEASE good/2 ACCEPT",
        "2 good/1 REJECT",
        "3 good/1 RENEW good/1 ACCEPT",
    ]
    assert len(ours) == 40


def test_what_was_aborted_is_not_delivered_to_a_group_that_reads_committed(
    home: Path, brokers: list[str]
) -> None:
    found = []
    for bootstrap in brokers:
        prepare(home, bootstrap, "committed", "read_committed")
        found.append(story(home, bootstrap, "committed", in_transactions=True))

    kafkas, ours = found
    assert ours == kafkas
    assert not any("aborted" in line for line in ours)
    assert len(ours) == 40


def test_what_was_aborted_is_delivered_to_a_group_that_does_not(
    home: Path, brokers: list[str]
) -> None:
    found = []
    for bootstrap in brokers:
        prepare(home, bootstrap, "all", "read_uncommitted")
        found.append(story(home, bootstrap, "all", in_transactions=True))

    kafkas, ours = found
    assert ours == kafkas
    assert sum("aborted" in line for line in ours) == 20


def test_the_console_consumer_releases_rejects_and_accepts(home: Path, brokers: list[str]) -> None:
    found = []
    for bootstrap in brokers:
        prepare(home, bootstrap, "console", "read_uncommitted")
        lines = []
        console = [str(home / "bin" / "kafka-console-share-consumer.sh")]
        console += ["--bootstrap-server", bootstrap, "--topic", "console", "--group", "console"]
        console += ["--formatter-property", "print.offset=true"]
        console += ["--formatter-property", "print.delivery=true"]
        producer = [str(home / "bin" / "kafka-console-producer.sh")]
        producer += ["--bootstrap-server", bootstrap, "--topic", "console"]
        subprocess.run(producer, input="a\nb\nc\n", text=True, timeout=60, check=True)
        for options in (["--release"], ["--reject"], []):
            command = [*console, "--max-messages", "3", "--timeout-ms", "15000", *options]
            if not options:
                command = [*console, "--timeout-ms", "2000"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            lines.append(sorted(done.stdout.splitlines()))
        found.append(lines)

    kafkas, ours = found
    assert ours == kafkas
    assert ours[1] == [f"Offset:{offset}\tDelivery:2\t{text}" for offset, text in enumerate("abc")]
    assert ours[2] == []

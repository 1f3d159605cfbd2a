"""Share groups go along when a data folder moves between Apache Kafka and us.

What was acknowledged under one is not seen under the other, and nothing else is missing.
"""

from functools import partial
from pathlib import Path

import pytest
from broker_process import running_broker
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from java_commands import SHARE_GROUPS, JavaCommands
from share_consumer import DEADLINE_S, ShareConsumer, wait_until

from tests.support.toolchains import kafka_home_module, require_kafka_home

pytestmark = pytest.mark.java

CONFIGS = "kafka.admin.ConfigCommand"
SETTINGS = {
    "offsets.topic.num.partitions": "7",
    "share.coordinator.state.topic.num.partitions": "3",
}


class Mover:
    """Produces a few records at each stop, and has the share group `g` read them."""

    def __init__(self, tools: JavaCommands, home: Path, scratch: Path) -> None:
        self.tools = tools
        self.home = home
        self.scratch = scratch

    def begin(self, bootstrap: str) -> None:
        """Make the topic, and have the group begin with its first record."""
        admin = AdminClient({"bootstrap.servers": bootstrap})
        for made in admin.create_topics([NewTopic("t", 2, 1)]).values():
            made.result()
        command = ["--alter", "--entity-type", "groups", "--entity-name", "g"]
        command += ["--add-config", "share.auto.offset.reset=earliest"]
        self.tools.run(CONFIGS, *command, "--bootstrap-server", bootstrap)

    def stop_at(self, bootstrap: str, name: str) -> None:
        """Produce some records; the group must get these, and none that it had before."""
        values = [f"{name}-{index}" for index in range(6)]
        producer = Producer({"bootstrap.servers": bootstrap})
        for index, value in enumerate(values):
            producer.produce("t", value.encode(), partition=index % 2)
        assert producer.flush(DEADLINE_S) == 0
        member = ShareConsumer(self.home, bootstrap, "g", self.scratch / f"{name}.out")
        try:
            wait_until(partial(member.has_printed, values), f"{name}: {member.out.read_text()!r}")
            wait_until(partial(self._is_read, bootstrap), f"{name} is acknowledged")
        finally:
            member.stop()
        assert member.has_printed(values)

    def _is_read(self, bootstrap: str) -> bool:
        text = self.tools.run(
            SHARE_GROUPS, "--describe", "--group", "g", "--bootstrap-server", bootstrap
        )
        rows = [line.split() for line in text.splitlines()]
        return [row[4] for row in rows if row[:2] == ["g", "t"]] == ["0", "0"]


@pytest.mark.parametrize("is_ours_first", [False, True])
def test_a_share_group_moves_with_its_directory(is_ours_first: bool, tmp_path: Path) -> None:
    home = require_kafka_home("4.3.1")
    data = tmp_path / "data"
    kafka = partial(kafka_home_module().running_broker, home, tmp_path, settings=SETTINGS)
    with JavaCommands(home) as tools:
        mover = Mover(tools, home, tmp_path)
        for number in range(4):
            is_ours = (number % 2 == 0) == is_ours_first
            with running_broker(data) if is_ours else kafka() as broker:
                if number == 0:
                    mover.begin(broker.bootstrap)
                mover.stop_at(broker.bootstrap, f"{'ours' if is_ours else 'kafka'}{number}")

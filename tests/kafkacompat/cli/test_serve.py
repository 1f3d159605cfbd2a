import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from kafkacompat.cli import pid_file
from kafkacompat.cli.banner import Ready
from kafkacompat.cli.serve import Plan, serve
from kafkacompat.clock import SystemClock
from kafkacompat.cluster.alone import Alone
from kafkacompat.cluster.configs import configs_of
from kafkacompat.cluster.several import Several
from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata.commands import NewTopic

MEMORY = {"listeners": "PLAINTEXT://127.0.0.1:0", "kafkacompat.durability": "memory"}


@pytest.fixture(autouse=True)
def _unfrozen() -> Iterator[None]:
    yield
    gc.unfreeze()


def plan_that_stops_when_ready(
    settings: dict[str, str],
    on_ready: Callable[[Ready], None],
    topics: Sequence[NewTopic] = (),
) -> Plan:
    def note(ready: Ready) -> None:
        on_ready(ready)
        plan.stop.make()

    plan = Plan(BrokerConfig(settings), note, topics=topics, writes_pid_file=False)
    return plan


def test_a_node_runs_until_it_is_asked_to_stop(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    seen: list[Ready] = []
    plan = plan_that_stops_when_ready(MEMORY, seen.append)
    alone = Alone(plan.config)
    node = alone.node
    serve(plan, alone)
    assert seen[0].bootstrap_servers == f"127.0.0.1:{node.listeners[0].endpoint.port}"
    assert seen[0].data == ()
    assert node.is_stopping
    # The texts that tools wait for in the log of Apache Kafka.
    assert any("Transitioning from RECOVERY to RUNNING" in text for text in caplog.messages)
    assert "[KafkaServer id=1] started" in caplog.messages
    assert "Kafka Server started" in caplog.messages


def test_topics_exist_before_the_node_is_called_ready() -> None:
    names: list[list[str]] = []
    plan = plan_that_stops_when_ready(
        MEMORY,
        lambda ready: names.append(sorted(node.image.topics)),
        [NewTopic("a", 3), NewTopic("b")],
    )
    alone = Alone(plan.config)
    node = alone.node
    serve(plan, alone)
    assert names == [["a", "b"]]


def test_a_topic_that_exists_stays_as_it_is(tmp_path: Path) -> None:
    settings = {"listeners": "PLAINTEXT://127.0.0.1:0", "log.dirs": str(tmp_path)}
    counts = []
    for wanted in (2, 3):
        plan = plan_that_stops_when_ready(settings, [].append, [NewTopic("a", wanted)])
        alone = Alone(plan.config)
        serve(plan, alone)
        counts.append(len(alone.node.image.topics["a"].partitions))
    assert counts == [2, 2]


def test_the_pid_file_is_there_while_the_node_runs(tmp_path: Path) -> None:
    settings = {"listeners": "PLAINTEXT://127.0.0.1:0", "log.dirs": str(tmp_path)}
    there: list[pid_file.Running | None] = []
    told: list[str] = []

    def look(ready: Ready) -> None:
        told.append(ready.bootstrap_servers)
        there.append(pid_file.find(tmp_path))

    plan = plan_that_stops_when_ready(settings, look)
    plan.writes_pid_file = True
    serve(plan, Alone(plan.config))
    assert there[0] is not None
    assert [there[0].bootstrap_servers] == told
    assert pid_file.find(tmp_path) is None


def test_a_recovery_that_nobody_wants_is_left_without_a_trace_of_readiness(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Ready] = []
    plan = plan_that_stops_when_ready(MEMORY, seen.append)
    alone = Alone(plan.config)
    start = alone.start

    async def start_and_recover(progress: object = None) -> None:
        assert callable(progress)
        plan.stop.make()
        progress(0, 1)
        await start()

    monkeypatch.setattr(alone, "start", start_and_recover)
    serve(plan, alone)
    assert seen == []


def test_several_brokers_are_told_of_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    seen: list[Ready] = []
    plan = plan_that_stops_when_ready(MEMORY, seen.append, [NewTopic("a", 2, 2)])
    configs = [BrokerConfig(each) for each in configs_of(plan.config.static, 2)]
    several = Several(configs, SystemClock())
    serve(plan, several)
    ports = [ends[0].port for ends in several.addresses.values()]
    assert seen[0].bootstrap_servers == ",".join(f"127.0.0.1:{port}" for port in ports)
    assert [end.port for end in seen[0].listening] == ports
    for node_id in (1, 2):
        assert f"[KafkaServer id={node_id}] started" in caplog.messages
        assert f"[KafkaServer id={node_id}] shut down completed" in caplog.messages

from pathlib import Path

import pytest

from kafkacompat.cli.settings import Flags, home_of, is_in_memory, resolve
from kafkacompat.config import keys
from kafkacompat.config.load import ConfigError


def test_without_anything_it_is_this_machine_and_the_folder_data() -> None:
    config, warnings = resolve(None, None, Flags())
    assert config.get(keys.LISTENERS) == ("PLAINTEXT://127.0.0.1:9092",)
    assert home_of(config) == Path("data")
    assert not is_in_memory(config)
    assert warnings == []


@pytest.mark.parametrize(
    ("flags", "listener"),
    [
        (Flags(port=0), "PLAINTEXT://127.0.0.1:0"),
        (Flags(host="0.0.0.0"), "PLAINTEXT://0.0.0.0:9092"),
        (Flags(host="::1", port=1), "PLAINTEXT://[::1]:1"),
        (Flags(host="[::1]"), "PLAINTEXT://[::1]:9092"),
    ],
)
def test_port_and_host_make_a_listener(flags: Flags, listener: str) -> None:
    assert resolve(None, None, flags)[0].get(keys.LISTENERS) == (listener,)


def test_port_and_host_replace_the_files_listeners_and_what_it_advertises(tmp_path: Path) -> None:
    file = tmp_path / "server.properties"
    file.write_text(
        "listeners=PLAINTEXT://:9092,CONTROLLER://:9093\n"
        "controller.listener.names=CONTROLLER\n"
        "advertised.listeners=PLAINTEXT://localhost:9092\n"
    )
    config, _ = resolve(file, None, Flags(port=0))
    assert config.get(keys.LISTENERS) == ("PLAINTEXT://127.0.0.1:0",)
    assert config.get(keys.ADVERTISED_LISTENERS) == ()
    kept, _ = resolve(file, None, Flags())
    assert kept.get(keys.ADVERTISED_LISTENERS) == ("PLAINTEXT://localhost:9092",)


def test_what_is_advertised_on_the_command_line_stays() -> None:
    flags = Flags(port=0, assignments=["advertised.listeners=PLAINTEXT://example.org:1"])
    config, _ = resolve(None, None, flags)
    assert config.get(keys.ADVERTISED_LISTENERS) == ("PLAINTEXT://example.org:1",)


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("node.id=1\nnum.partitions=1\nfetch.max.bytes=2000\n")
    environment = {"KAFKA_NODE_ID": "2", "KAFKA_NUM_PARTITIONS": "2"}
    config, _ = resolve(file, environment, Flags(assignments=["node.id=3"]))
    found = [config.get(key) for key in (keys.NODE_ID, keys.NUM_PARTITIONS, keys.FETCH_MAX_BYTES)]
    assert found == [3, 2, 2000]


def test_an_unknown_variable_is_a_warning() -> None:
    _, warnings = resolve(None, {"KAFKA_NUM_PARTITION": "2"}, Flags())
    assert warnings == ["environment: unknown key num.partition (did you mean num.partitions?)"]


@pytest.mark.parametrize(
    ("flags", "delay_ms"),
    [
        (Flags(memory=True, has_control=True), 0),
        (Flags(memory=True), 3000),
        (Flags(has_control=True), 3000),
        (
            Flags(
                memory=True, has_control=True, assignments=["group.initial.rebalance.delay.ms=7"]
            ),
            7,
        ),
    ],
)
def test_a_broker_of_tests_does_not_wait_for_stragglers(flags: Flags, delay_ms: int) -> None:
    config, _ = resolve(None, None, flags)
    assert config.get(keys.GROUP_INITIAL_REBALANCE_DELAY_MS) == delay_ms


def test_memory_and_folder_are_settings_too() -> None:
    config, _ = resolve(None, None, Flags(memory=True, data_dir="/x"))
    assert is_in_memory(config)
    assert home_of(config) == Path("/x")


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("listeners=here", "listeners: 'here' is no listener"),
        ("listeners=SSL://:9093", "wants SSL; only PLAINTEXT is served"),
        ("listeners=", "names nothing to listen on"),
        ("advertised.listeners=x", "advertised.listeners: 'x' is no listener"),
        ("log.dirs=", "log.dirs names no folder"),
        ("nothing", "write name=value"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_touched(
    assignment: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        resolve(None, None, Flags(assignments=[assignment]))

from pathlib import Path

import pytest

from kafkacompat.config.load import (
    KNOWN,
    MAX_WARNINGS,
    ConfigError,
    combine,
    given,
    nearest_name,
    read_file,
    split_assignment,
)
from kafkacompat.config.properties import MAX_FILE_BYTES

STOCK = """
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=localhost:9093
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
inter.broker.listener.name=PLAINTEXT
advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=/tmp/kraft-combined-logs
num.partitions=1
num.recovery.threads.per.data.dir=1
offsets.topic.replication.factor=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.flush.interval.messages=10000
log.flush.interval.ms=1000
log.retention.hours=168
log.retention.bytes=1073741824
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000
group.initial.rebalance.delay.ms=0
"""
"""The settings of the server.properties that Apache Kafka 4.3 comes with."""


def test_the_stock_file_of_apache_kafka_gives_no_warning(tmp_path: Path) -> None:
    file = tmp_path / "server.properties"
    file.write_text(STOCK)
    loaded = combine(read_file(file), [])
    assert loaded.warnings == []
    assert loaded.static["log.retention.hours"] == "168"
    assert len(loaded.static) == len(STOCK.strip().splitlines())


def test_an_unknown_key_of_a_file_is_a_warning_with_the_nearest_name(tmp_path: Path) -> None:
    file = tmp_path / "server.properties"
    file.write_text("\nnum.partition=3\n")
    loaded = combine(read_file(file), [])
    assert loaded.static == {}
    assert loaded.warnings == [
        f"{file}:2: unknown key num.partition (did you mean num.partitions?)"
    ]


def test_a_key_of_kafka_that_does_nothing_here_is_told_from_an_unknown_one() -> None:
    settings = {"metric.reporters": "x", "listener.name.ssl.ssl.key.password": "secret"}
    loaded = combine(given(settings, "file"), [])
    assert loaded.warnings == [
        f"file: {name} is Apache Kafka's and has no effect here" for name in settings
    ]


def test_an_unknown_key_of_the_command_line_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"unknown key no\.such\.key$"):
        combine([], given({"no.such.key": "1"}, "command line"))


def test_a_later_setting_replaces_an_earlier_one() -> None:
    lenient = [*given({"node.id": "2", "num.partitions": "2"}, "file")]
    lenient += given({"node.id": "3"}, "environment")
    loaded = combine(lenient, given({"node.id": "4"}, "command line"))
    assert loaded.static == {"node.id": "4", "num.partitions": "2"}


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("num.partitions", "three", "Not a number of type INT"),
        ("num.partitions", "0", "Value must be at least 1"),
        ("broker.id", "x", "Invalid value x for configuration broker.id"),
        ("log.retention.hours", "many", "Not a number of type INT"),
        ("kafkacompat.durability", "sometimes", "String must be one of: fsync, os, memory"),
        ("authorizer.class.name", "org.Standard", "nothing is authorised here yet"),
    ],
)
def test_a_wrong_value_is_one_line_with_its_place(name: str, value: str, text: str) -> None:
    with pytest.raises(ConfigError, match=text) as caught:
        combine(given({name: value}, "server.properties:7"), [])
    assert str(caught.value).startswith("server.properties:7: Invalid value")
    assert "\n" not in str(caught.value)


def test_a_wrong_value_is_refused_even_where_another_would_win() -> None:
    wrong = given({"node.id": "x"}, "file")
    with pytest.raises(ConfigError):
        combine(wrong, given({"node.id": "1"}, "command line"))


def test_values_are_never_shown_of_keys_that_are_not_known() -> None:
    loaded = combine(given({"my.password": "hunter2"}, "file"), [])
    assert "hunter2" not in loaded.warnings[0]


def test_warnings_are_bounded() -> None:
    many = {f"zz{index}": "" for index in range(MAX_WARNINGS + 5)}
    assert len(combine(given(many, "file"), []).warnings) == MAX_WARNINGS


def test_a_file_that_is_missing_or_too_large_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_file(tmp_path / "none")
    large = tmp_path / "large"
    large.write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    with pytest.raises(ConfigError, match="larger than"):
        read_file(large)


def test_a_malformed_file_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("a=\\u1")
    with pytest.raises(ConfigError, match="f, line 1: malformed"):
        read_file(file)


def test_an_assignment_is_cut_at_the_first_equals() -> None:
    assert split_assignment("a = b=c ") == ("a", "b=c")
    for text in ("a", "=b", " =b"):
        with pytest.raises(ConfigError, match="write name=value"):
            split_assignment(text)


def test_broker_keys_that_give_topics_their_defaults_are_known() -> None:
    for name in ("log.retention.hours", "log.segment.bytes", "message.max.bytes", "log.dir"):
        assert name in KNOWN


def test_the_nearest_name_is_none_when_nothing_is_near() -> None:
    assert nearest_name("log.retention.hour") == "log.retention.hours"
    assert nearest_name("zookeeper") is None

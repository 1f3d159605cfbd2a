"""The settings of several brokers."""

import pytest

from kafkacompat.cluster.configs import configs_of, elsewhere
from kafkacompat.config.load import ConfigError

MEMORY = {"kafkacompat.durability": "memory"}


def test_ids_and_ports_follow_one_another() -> None:
    static = MEMORY | {
        "node.id": "5",
        "listeners": "A://:9092,B://127.0.0.1:0",
        "advertised.listeners": "A://kafka:19092",
    }
    made = configs_of(static, 2)
    assert [each["node.id"] for each in made] == ["5", "6"]
    assert made[1]["listeners"] == "A://:9093,B://127.0.0.1:0"
    assert [each["advertised.listeners"] for each in made] == ["A://kafka:19092", "A://kafka:19093"]


def test_topics_have_replicas_unless_something_else_is_set() -> None:
    assert configs_of(MEMORY, 2)[0]["default.replication.factor"] == "2"
    assert configs_of(MEMORY, 5)[0]["default.replication.factor"] == "3"
    own = MEMORY | {"default.replication.factor": "1"}
    assert configs_of(own, 5)[0]["default.replication.factor"] == "1"
    assert "default.replication.factor" not in configs_of(MEMORY, 1)[0]


def test_with_racks_consumers_are_sent_to_the_nearest() -> None:
    made = configs_of(MEMORY, 2, ["a", "b"])
    assert [each["broker.rack"] for each in made] == ["a", "b"]
    assert made[0]["replica.selector.class"].endswith("RackAwareReplicaSelector")


@pytest.mark.parametrize(
    ("static", "count", "racks"),
    [(MEMORY, 0, []), (MEMORY, 101, []), (MEMORY, 2, ["a"]), ({}, 2, [])],
)
def test_what_cannot_be_is_refused(static: dict[str, str], count: int, racks: list[str]) -> None:
    with pytest.raises(ConfigError):
        configs_of(static, count, racks)


def test_another_of_the_kind_listens_elsewhere() -> None:
    made = elsewhere({"listeners": "A://:1", "advertised.listeners": "A://h:1", "node.id": "3"})
    assert made == {"listeners": "PLAINTEXT://127.0.0.1:0", "node.id": "3"}

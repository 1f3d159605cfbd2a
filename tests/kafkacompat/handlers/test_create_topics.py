"""CreateTopics over the wire."""

from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.create_topics import (
    CreatableReplicaAssignment,
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
)
from tests.support.node import RunningNode


def topic(name: str, partitions: int = 1, replicas: int = 1, **fields: Any) -> CreatableTopic:
    configs = [
        CreatableTopicConfig(name=key, value=value)
        for key, value in fields.pop("configs", {}).items()
    ]
    return CreatableTopic(
        name=name,
        num_partitions=partitions,
        replication_factor=replicas,
        assignments=fields.pop("assignments", []),
        configs=configs,
    )


def create(broker: RunningNode, *topics: CreatableTopic, version: int = 7, **fields: Any) -> Any:
    return broker.call(CreateTopicsRequest(topics=list(topics), **fields), version).topics


def assigned(*replicas: list[int]) -> list[CreatableReplicaAssignment]:
    return [
        CreatableReplicaAssignment(partition_index=index, broker_ids=ids)
        for index, ids in enumerate(replicas)
    ]


@pytest.mark.parametrize("version", range(8))
def test_a_topic_is_made_in_every_version(broker: RunningNode, version: int) -> None:
    name = f"t{version}"
    (made,) = create(broker, topic(name, 3, configs={"retention.ms": "1000"}), version=version)
    assert (made.name, made.error_code) == (name, 0)
    if version >= 5:
        assert (made.num_partitions, made.replication_factor) == (3, 1)
        values = {c.name: (c.value, c.config_source) for c in made.configs}
        assert values["retention.ms"] == ("1000", 1)
        assert values["cleanup.policy"] == ("delete", 5)
    assert len(broker.run(lambda: broker.node.image.topics[name].partitions)) == 3
    (again,) = create(broker, topic(name), version=version)
    assert again.error_code == ErrorCode.TOPIC_ALREADY_EXISTS


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (topic(""), ErrorCode.INVALID_TOPIC_EXCEPTION),
        (topic("a b"), ErrorCode.INVALID_TOPIC_EXCEPTION),
        (topic("x" * 250), ErrorCode.INVALID_TOPIC_EXCEPTION),
        (topic("p", 0), ErrorCode.INVALID_PARTITIONS),
        (topic("p", -2), ErrorCode.INVALID_PARTITIONS),
        (topic("p", 1, 2), ErrorCode.INVALID_REPLICATION_FACTOR),
        (topic("p", 1, 0), ErrorCode.INVALID_REPLICATION_FACTOR),
        (topic("p", 20_000), ErrorCode.POLICY_VIOLATION),
        (topic("p", configs={"nonsense": "1"}), ErrorCode.INVALID_CONFIG),
        (topic("p", configs={"retention.ms": "soon"}), ErrorCode.INVALID_CONFIG),
        (topic("p", configs={"retention.ms": None}), ErrorCode.INVALID_CONFIG),
        (topic("p", configs={"cleanup.policy": "burn"}), ErrorCode.INVALID_CONFIG),
        (topic("p", 1, -1, assignments=assigned([1])), ErrorCode.INVALID_REQUEST),
        (topic("p", -1, -1, assignments=assigned([2])), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (topic("p", -1, -1, assignments=assigned([])), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (
            topic(
                "p",
                -1,
                -1,
                assignments=[CreatableReplicaAssignment(partition_index=3, broker_ids=[1])],
            ),
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        ),
        (topic("__cluster_metadata"), ErrorCode.INVALID_REQUEST),
    ],
)
def test_a_wish_that_cannot_be_granted_says_why(
    broker: RunningNode, wanted: CreatableTopic, code: ErrorCode
) -> None:
    (told,) = create(broker, wanted)
    assert told.error_code == code
    assert told.error_message or code is ErrorCode.TOPIC_ALREADY_EXISTS
    assert "p" not in broker.node.image.topics


def test_names_that_differ_in_dots_and_underscores_collide(broker: RunningNode) -> None:
    create(broker, topic("a.b"))
    (told,) = create(broker, topic("a_b"))
    assert told.error_code == ErrorCode.INVALID_TOPIC_EXCEPTION
    assert "a.b" in told.error_message


def test_a_topic_named_twice_is_not_made(broker: RunningNode) -> None:
    told = create(broker, topic("twice"), topic("once"), topic("twice"))
    assert {t.name: t.error_code for t in told} == {
        "twice": ErrorCode.INVALID_REQUEST,
        "once": 0,
    }


def test_validation_alone_makes_nothing(broker: RunningNode) -> None:
    (told,) = create(broker, topic("maybe", 2), validate_only=True)
    assert (told.error_code, told.num_partitions) == (0, 2)
    assert "maybe" not in broker.node.image.topics


def test_defaults_and_assignments_are_taken(broker: RunningNode) -> None:
    told = create(
        broker, topic("default", -1, -1), topic("placed", -1, -1, assignments=assigned([1], [1]))
    )
    assert [(t.error_code, t.num_partitions) for t in told] == [(0, 1), (0, 2)]


def test_too_many_partitions_in_one_request_make_no_topic(broker: RunningNode) -> None:
    told = create(broker, topic("much", 6000), topic("more", 6000), topic("a b"))
    assert {t.name: t.error_code for t in told} == {
        "much": ErrorCode.POLICY_VIOLATION,
        "more": ErrorCode.POLICY_VIOLATION,
        "a b": ErrorCode.POLICY_VIOLATION,
    }
    assert not {"much", "more"} & set(broker.node.image.topics)


def test_replicas_are_checked_as_those_of_a_reassignment(broker: RunningNode) -> None:
    what = "The manual partition assignment includes"
    for replicas, why in (([], "an empty replica list"), ([1, 1], "the broker 1 more than once")):
        (told,) = create(broker, topic("p", -1, -1, assignments=assigned(replicas)))
        assert told.error_message == f"{what} {why}."
    twice = [CreatableReplicaAssignment(partition_index=0, broker_ids=[1])] * 2
    (told,) = create(broker, topic("p", -1, -1, assignments=twice))
    assert told.error_message == "Found multiple manual partition assignments for partition 0"


def test_of_keys_the_unknown_are_told_first(broker: RunningNode) -> None:
    wanted = {"retention.ms": "soon", "nonsense": "1"}
    (told,) = create(broker, topic("p", configs=wanted))
    assert told.error_message == "Unknown topic config name: nonsense"

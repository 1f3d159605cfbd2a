"""CreatePartitions over the wire."""

from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.create_partitions import (
    CreatePartitionsAssignment,
    CreatePartitionsRequest,
    CreatePartitionsTopic,
)
from tests.support.node import RunningNode
from tests.support.produced import batch, produce


def grow(
    broker: RunningNode, *topics: CreatePartitionsTopic, version: int = 3, dry: bool = False
) -> Any:
    request = CreatePartitionsRequest(topics=list(topics), timeout_ms=1000, validate_only=dry)
    return [r.error_code for r in broker.call(request, version).results]


def to(name: str, count: int, *assigned: list[int]) -> CreatePartitionsTopic:
    assignments = [CreatePartitionsAssignment(broker_ids=ids) for ids in assigned]
    return CreatePartitionsTopic(name=name, count=count, assignments=assignments or None)


@pytest.mark.parametrize("version", range(4))
def test_a_topic_grows_in_every_version(broker: RunningNode, version: int) -> None:
    name = f"t{version}"
    broker.create_topic(name)
    assert grow(broker, to(name, 3), version=version) == [0]
    assert produce(broker, batch(b"x"), topic=name, index=2).error_code == 0


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (to("two", 2), ErrorCode.INVALID_PARTITIONS),
        (to("two", 1), ErrorCode.INVALID_PARTITIONS),
        (to("two", 20_000), ErrorCode.POLICY_VIOLATION),
        (to("two", 4, [1]), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (to("two", 3, [7]), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (to("missing", 3), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
    ],
)
def test_a_wish_that_cannot_be_granted_says_why(
    broker: RunningNode, wanted: CreatePartitionsTopic, code: ErrorCode
) -> None:
    if "two" not in broker.node.image.topics:
        broker.create_topic("two", 2)
    assert grow(broker, wanted) == [code]
    assert len(broker.node.image.topics["two"].partitions) == 2


def test_validation_alone_and_doubles_change_nothing(broker: RunningNode) -> None:
    broker.create_topic("same")
    assert grow(broker, to("same", 5), dry=True) == [0]
    assert grow(broker, to("same", 5), to("same", 6)) == [ErrorCode.INVALID_REQUEST]
    assert len(broker.node.image.topics["same"].partitions) == 1

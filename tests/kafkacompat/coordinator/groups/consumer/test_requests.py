"""What a heartbeat must say, whatever the group."""

from typing import Any

import pytest

from kafkacompat.coordinator.groups.consumer.member import ConsumerMember
from kafkacompat.coordinator.groups.consumer.requests import check_epoch, check_request, failure
from kafkacompat.coordinator.groups.topics import NOTHING
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.consumer_group_heartbeat import (
    ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatRequestTopicPartitions,
)

JOINING: dict[str, Any] = {
    "group_id": "g",
    "member_id": "m",
    "member_epoch": 0,
    "rebalance_timeout_ms": 1,
    "subscribed_topic_names": [],
    "topic_partitions": [],
}
OWNED = [ConsumerGroupHeartbeatRequestTopicPartitions(topic_id=bytes(16), partitions=[0])]


def test_a_joining_that_says_all_it_must_is_accepted() -> None:
    check_request(ConsumerGroupHeartbeatRequest(**JOINING), needs_member_id=True)
    nameless = ConsumerGroupHeartbeatRequest(**JOINING | {"member_id": ""})
    check_request(nameless, needs_member_id=False)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"instance_id": ""}, "InstanceId can't be empty."),
        ({"rack_id": " "}, "RackId can't be empty."),
        ({"member_id": ""}, "MemberId can't be empty."),
        ({"member_epoch": -3}, "MemberEpoch is invalid."),
        ({"member_epoch": -2}, "InstanceId can't be null."),
        ({"rebalance_timeout_ms": -1}, "RebalanceTimeoutMs must be provided in first request."),
        ({"topic_partitions": None}, "TopicPartitions must be empty when"),
        ({"topic_partitions": OWNED}, "TopicPartitions must be empty when"),
        ({"subscribed_topic_names": None}, "Either SubscribedTopicNames or"),
    ],
)
def test_what_is_missing_is_named(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(KafkaError, match=why.replace("(", "[(]")) as raised:
        check_request(ConsumerGroupHeartbeatRequest(**JOINING | changes), needs_member_id=True)
    assert raised.value.code == ErrorCode.INVALID_REQUEST


def test_only_the_former_epoch_with_nothing_more_is_forgiven() -> None:
    member = ConsumerMember("m", epoch=5, previous_epoch=4)
    for epoch, owned in ((0, None), (5, None), (4, NOTHING)):
        check_epoch(member, epoch, owned)
    for epoch, owned in ((6, NOTHING), (3, NOTHING), (4, None), (4, frozenset({(b"t", 0)}))):
        with pytest.raises(KafkaError) as raised:
            check_epoch(member, epoch, owned)
        assert raised.value.code == ErrorCode.FENCED_MEMBER_EPOCH


def test_a_failure_says_why() -> None:
    assert failure(110, "no").error_message == "no"

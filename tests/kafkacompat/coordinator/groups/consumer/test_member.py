"""A member takes up what its heartbeat says, and keeps what it does not say."""

from kafkacompat.coordinator.groups.consumer.member import ConsumerMember
from kafkacompat_protocol.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest

MEMBER = ConsumerMember("m", instance_id="i", topics=("t",), rebalance_timeout_ms=5)


def test_what_is_not_said_stays() -> None:
    beat = ConsumerGroupHeartbeatRequest(group_id="g", member_id="m", member_epoch=1)
    same = MEMBER.updated(beat, "", "")
    assert same.says_the_same(MEMBER)
    assert same.has_the_same(MEMBER)
    assert same.subscribes_as(MEMBER)


def test_what_is_said_counts() -> None:
    beat = ConsumerGroupHeartbeatRequest(
        group_id="g",
        member_id="m",
        member_epoch=1,
        rack_id="r",
        rebalance_timeout_ms=9,
        subscribed_topic_names=["b", "a", "b"],
        subscribed_topic_regex="x",
        server_assignor="range",
    )
    found = MEMBER.updated(beat, "c", "/h")
    assert found == ConsumerMember(
        "m", "i", "r", "c", "/h", ("a", "b"), "x", rebalance_timeout_ms=9, assignor="range"
    )
    assert not found.subscribes_as(MEMBER)

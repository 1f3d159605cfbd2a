"""A member of a share group, as it says it is and as its records do."""

from kafkacompat.coordinator.groups.share_member import ShareMember, check_epoch
from kafkacompat_protocol.messages.share_group_heartbeat import ShareGroupHeartbeatRequest

MEMBER = ShareMember("m", "r", "c", "/h", ("t",), 3, 2)


def test_what_a_heartbeat_does_not_say_stays() -> None:
    request = ShareGroupHeartbeatRequest(group_id="g", member_id="m", member_epoch=3)

    assert MEMBER.updated(request, "c", "/h") == MEMBER


def test_topics_are_kept_once_and_in_order() -> None:
    request = ShareGroupHeartbeatRequest(
        group_id="g", member_id="m", member_epoch=3, subscribed_topic_names=["b", "a", "b"]
    )

    assert MEMBER.updated(request, "c", "/h").topics == ("a", "b")


def test_a_record_says_it_all() -> None:
    found = ShareMember("m", epoch=3, previous_epoch=2).described_by(MEMBER.record("g").value)

    assert found == MEMBER


def test_its_own_epoch_and_the_one_before_are_good() -> None:
    check_epoch(MEMBER, 3)
    check_epoch(MEMBER, 2)

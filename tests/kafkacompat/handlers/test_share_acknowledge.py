"""ShareAcknowledge over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from tests.support.node import RunningNode
from tests.support.produced import batch, produce
from tests.support.sharing import (
    ACCEPT,
    GAP,
    REJECT,
    RELEASE,
    RENEW,
    Member,
    configure_group,
)

topics = (f"t{number}" for number in range(1_000))


@pytest.fixture
def member(broker: RunningNode) -> Member:
    """A member that was given five records of a topic of its own."""
    name = next(topics)
    configure_group(broker, share_auto_offset_reset="earliest")
    made = Member(broker, broker.create_topic(name))
    produce(broker, batch(b"a", b"b", b"c", b"d", b"e"), topic=name)
    assert len(made.take()) == 5
    return made


@pytest.mark.parametrize("version", [1, 2])
def test_each_record_is_acknowledged_as_it_was_told(member: Member, version: int) -> None:
    member.version = version

    answer = member.acknowledge((0, 2, [ACCEPT, REJECT, RELEASE]), (3, 3, [GAP]))

    assert (answer.error_code, answer.responses[0].partitions[0].error_code) == (0, 0)
    assert answer.acquisition_lock_timeout_ms == (30_000 if version == 2 else 0)
    assert member.take() == [(2, b"c", 2)]


def test_a_record_cannot_be_acknowledged_twice(member: Member) -> None:
    assert member.acknowledged((4, 4, [ACCEPT])) == 0
    assert member.acknowledged((4, 4, [ACCEPT])) == ErrorCode.INVALID_RECORD_STATE


def test_a_renewal_needs_a_request_that_says_so(member: Member) -> None:
    assert member.acknowledged((0, 1, [RENEW])) == ErrorCode.INVALID_REQUEST
    assert member.acknowledged((0, 1, [RENEW]), is_renew_ack=True) == 0


def test_a_group_may_be_without_renewals(broker: RunningNode, member: Member) -> None:
    configure_group(broker, share_renew_acknowledge_enable="false")

    assert member.acknowledged((0, 1, [RENEW]), is_renew_ack=True) == ErrorCode.INVALID_REQUEST


def test_a_session_does_not_begin_with_an_acknowledgement(member: Member) -> None:
    code = member.acknowledge((0, 0, [ACCEPT]), share_session_epoch=0).error_code

    assert code == ErrorCode.INVALID_SHARE_SESSION_EPOCH


def test_without_a_session_nothing_is_acknowledged(member: Member) -> None:
    stranger = member.acknowledge((0, 0, [ACCEPT]), member_id="nobody", share_session_epoch=1)

    assert stranger.error_code == ErrorCode.SHARE_SESSION_NOT_FOUND


def test_the_last_acknowledgement_of_a_session_counts_and_the_rest_is_free(
    broker: RunningNode, member: Member
) -> None:
    assert member.acknowledged((0, 2, [ACCEPT]), share_session_epoch=-1) == 0
    assert member.acknowledge(share_session_epoch=1).error_code == (
        ErrorCode.SHARE_SESSION_NOT_FOUND
    )
    other = Member(broker, member.topic_id, "other")
    assert other.take() == [(3, b"d", 2), (4, b"e", 2)]


def test_a_partition_that_does_not_exist_is_told_of(member: Member) -> None:
    member.partitions = (7,)

    assert member.acknowledged((0, 0, [ACCEPT])) == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

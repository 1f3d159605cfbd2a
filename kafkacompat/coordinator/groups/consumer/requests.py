"""What a ConsumerGroupHeartbeat must say, whatever the group. The texts are Kafka's own."""

from kafkacompat.coordinator.groups.consumer.assignors import ASSIGNORS
from kafkacompat.coordinator.groups.consumer.member import JOIN, LEAVE_STATIC, ConsumerMember
from kafkacompat.coordinator.groups.topics import Assignment
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.consumer_group_heartbeat import (
    ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatResponse,
)


def check_request(request: ConsumerGroupHeartbeatRequest, *, needs_member_id: bool) -> None:
    """Check a heartbeat by itself. Errors: INVALID_REQUEST, UNSUPPORTED_ASSIGNOR."""
    for name, text in (("InstanceId", request.instance_id), ("RackId", request.rack_id)):
        if text is not None and not text.strip():
            raise _invalid(f"{name} can't be empty.")
    if not request.member_id.strip() and (needs_member_id or request.member_epoch != JOIN):
        raise _invalid("MemberId can't be empty.")
    if request.member_epoch < LEAVE_STATIC:
        raise _invalid("MemberEpoch is invalid.")
    if request.member_epoch == LEAVE_STATIC and request.instance_id is None:
        raise _invalid("InstanceId can't be null.")
    if request.member_epoch == JOIN:
        _check_joining(request)
    if request.server_assignor is not None and request.server_assignor not in ASSIGNORS:
        raise KafkaError(
            ErrorCode.UNSUPPORTED_ASSIGNOR,
            f"ServerAssignor {request.server_assignor} is not supported. "
            f"Supported assignors: {', '.join(ASSIGNORS)}.",
        )


def _check_joining(request: ConsumerGroupHeartbeatRequest) -> None:
    if request.rebalance_timeout_ms == -1:
        raise _invalid("RebalanceTimeoutMs must be provided in first request.")
    if request.topic_partitions is None or request.topic_partitions:
        raise _invalid("TopicPartitions must be empty when (re-)joining.")
    if request.subscribed_topic_names is None and not request.subscribed_topic_regex:
        raise _invalid(
            "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when "
            "(re-)joining."
        )


def check_epoch(member: ConsumerMember, epoch: int, owned: Assignment | None) -> None:
    """Check the epoch that a member believes to be in.

    One whose answer got lost comes with its former epoch, and with no more than it has.

    Errors: FENCED_MEMBER_EPOCH.
    """
    if epoch in (JOIN, member.epoch):
        return
    if epoch > member.epoch:
        raise KafkaError(
            ErrorCode.FENCED_MEMBER_EPOCH,
            f"The consumer group member has a greater member epoch ({epoch}) than the one known "
            f"by the group coordinator ({member.epoch}). The member must abandon all its "
            "partitions and rejoin.",
        )
    if epoch != member.previous_epoch or owned is None or not owned <= member.assigned:
        raise KafkaError(
            ErrorCode.FENCED_MEMBER_EPOCH,
            f"The consumer group member has a smaller member epoch ({epoch}) than the one known "
            f"by the group coordinator ({member.epoch}). The member must abandon all its "
            "partitions and rejoin.",
        )


def failure(code: int, message: str | None) -> ConsumerGroupHeartbeatResponse:
    """Return the answer to a heartbeat that failed."""
    return ConsumerGroupHeartbeatResponse(error_code=code, error_message=message)


def _invalid(why: str) -> KafkaError:
    return KafkaError(ErrorCode.INVALID_REQUEST, why)

"""A member of a share group, and what its heartbeats must keep to."""

from dataclasses import dataclass, replace

from kafkacompat.coordinator.groups.share_records import current_record
from kafkacompat.coordinator.groups.topics import NOTHING, Assignment
from kafkacompat.coordinator.outcome import Write
from kafkacompat_protocol.coordinator_records.group.share_group_member_metadata import (
    ShareGroupMemberMetadataKey,
    ShareGroupMemberMetadataValue,
)
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.share_group_heartbeat import ShareGroupHeartbeatRequest


@dataclass(frozen=True, slots=True)
class ShareMember:
    """What a group knows of one member."""

    member_id: str
    rack_id: str | None = None
    client_id: str = ""
    client_host: str = ""
    topics: tuple[str, ...] = ()
    """What it subscribes to, in order."""
    epoch: int = 0
    previous_epoch: int = 0
    assigned: Assignment = NOTHING

    def updated(
        self, request: ShareGroupHeartbeatRequest, client_id: str, client_host: str
    ) -> "ShareMember":
        """Return the member as it says it is; what it does not say stays."""
        names = request.subscribed_topic_names
        return replace(
            self,
            rack_id=self.rack_id if request.rack_id is None else request.rack_id,
            client_id=client_id,
            client_host=client_host,
            topics=self.topics if names is None else tuple(sorted(set(names))),
        )

    def described_by(self, value: ShareGroupMemberMetadataValue) -> "ShareMember":
        """Return the member as a record says it is."""
        return replace(
            self,
            rack_id=value.rack_id,
            client_id=value.client_id,
            client_host=value.client_host,
            topics=tuple(value.subscribed_topic_names),
        )

    def record(self, group_id: str) -> Write:
        """Return the record of what the member says of itself."""
        value = ShareGroupMemberMetadataValue(
            rack_id=self.rack_id,
            client_id=self.client_id,
            client_host=self.client_host,
            subscribed_topic_names=list(self.topics),
        )
        return Write(
            ShareGroupMemberMetadataKey(group_id=group_id, member_id=self.member_id), value
        )

    def current_record(self, group_id: str) -> Write:
        """Return the record of what the member has."""
        return current_record(
            group_id, self.member_id, self.epoch, self.previous_epoch, self.assigned
        )


def check_request(request: ShareGroupHeartbeatRequest) -> None:
    """Check what a heartbeat must say, whatever the group. The texts are Kafka's own.

    Errors: INVALID_REQUEST.
    """
    for name, text in (
        ("MemberId", request.member_id),
        ("GroupId", request.group_id),
        ("RackId", request.rack_id),
    ):
        if text is not None and not text.strip():
            raise KafkaError(ErrorCode.INVALID_REQUEST, f"{name} can't be empty.")
    if request.member_epoch == 0 and not request.subscribed_topic_names:
        message = "SubscribedTopicNames must be set in first request."
        raise KafkaError(ErrorCode.INVALID_REQUEST, message)
    if request.member_epoch < -1:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "MemberEpoch is invalid.")


def check_epoch(member: ShareMember, epoch: int) -> None:
    """Check the epoch that a member comes with: its own, or the one before if it missed an answer.

    Errors: FENCED_MEMBER_EPOCH.
    """
    if epoch in (member.epoch, member.previous_epoch):
        return
    size = "greater" if epoch > member.epoch else "smaller"
    known = f"the one known by the group coordinator ({member.epoch})"
    previous = ""
    if epoch < member.epoch:
        previous = f", and it does not match the previous member epoch ({member.previous_epoch})"
    raise KafkaError(
        ErrorCode.FENCED_MEMBER_EPOCH,
        f"The share group member has a {size} member epoch ({epoch}) than {known}{previous}."
        " The member must abandon all its partitions and rejoin.",
    )

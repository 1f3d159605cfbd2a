"""ShareAcknowledge (key 79): say what became of acquired records, without fetching more.

v2 adds renewals, and tells how long locks last (KIP-1222).
"""

from kafkacompat.coordinator.share.sessions import FINAL_EPOCH, INITIAL_EPOCH, TopicPartitionId
from kafkacompat.handlers.share_requests import Acknowledgements, member_of
from kafkacompat.metadata.features import SHARE_FEATURE
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.share_acknowledge import (
    ShareAcknowledgePartitionData,
    ShareAcknowledgeRequest,
    ShareAcknowledgeResponse,
    ShareAcknowledgeTopicResponse,
)


@handles(
    ShareAcknowledgeRequest,
    versions="1-2",
    authorise=needs(Operation.READ, Resource.GROUP),
    feature=SHARE_FEATURE,
)
def share_acknowledge(call: Call, request: ShareAcknowledgeRequest) -> Reply:
    """Answer when every acknowledgement is durable. The final epoch ends the session.

    Errors: INVALID_REQUEST, SHARE_SESSION_NOT_FOUND, INVALID_SHARE_SESSION_EPOCH; per partition
    INVALID_RECORD_STATE, INVALID_REQUEST, and what finding it and its state says.
    """
    group_id, member_id = member_of(call, request.group_id, request.member_id)
    epoch = request.share_session_epoch
    if epoch == INITIAL_EPOCH:
        raise KafkaError(ErrorCode.INVALID_SHARE_SESSION_EPOCH)
    share = call.node.share
    session = share.sessions.resume(group_id, member_id, epoch)
    given = Acknowledgements(call, group_id, member_id, may_renew=request.is_renew_ack)
    for topic in request.topics:
        for wanted in topic.partitions:
            key = TopicPartitionId(topic.topic_id, wanted.partition_index)
            given.add(key, wanted.acknowledgement_batches)
    if epoch == FINAL_EPOCH:
        share.end_session(session)
    reply = Reply()
    given.when_settled(lambda: reply.resolve(_response(given)))
    return reply


def _response(given: Acknowledgements) -> ShareAcknowledgeResponse:
    topics: dict[bytes, ShareAcknowledgeTopicResponse] = {}
    for key, error in given.results.items():
        topic = topics.setdefault(
            key.topic_id, ShareAcknowledgeTopicResponse(topic_id=key.topic_id, partitions=[])
        )
        topic.partitions.append(
            ShareAcknowledgePartitionData(
                partition_index=key.partition,
                error_code=error.code if error else ErrorCode.NONE,
                error_message=error.message if error else None,
            )
        )
    return ShareAcknowledgeResponse(
        acquisition_lock_timeout_ms=given.limits.lock_duration_ms,
        responses=list(topics.values()),
    )

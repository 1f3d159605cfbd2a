"""What share requests have in common, where it cannot be shown by one of them alone."""

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.share_acknowledge import (
    AcknowledgementBatch,
    AcknowledgePartition,
    AcknowledgeTopic,
    ShareAcknowledgeRequest,
)
from tests.support.node import RunningNode, running_node
from tests.support.produced import batch, produce
from tests.support.sharing import ACCEPT, Member, configure_group

NOT_WRITTEN = KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, "no space left")


def member_with_records(broker: RunningNode) -> Member:
    configure_group(broker, share_auto_offset_reset="earliest")
    member = Member(broker, broker.create_topic("t"))
    produce(broker, batch(b"a", b"b"))
    assert len(member.take()) == 2
    return member


def test_a_partition_that_is_named_twice_is_refused() -> None:
    with running_node() as broker:
        member = member_with_records(broker)
        told = AcknowledgementBatch(first_offset=0, last_offset=0, acknowledge_types=[ACCEPT])
        part = AcknowledgePartition(partition_index=0, acknowledgement_batches=[told])
        request = ShareAcknowledgeRequest(
            group_id="g",
            member_id="m",
            share_session_epoch=1,
            topics=[AcknowledgeTopic(topic_id=member.topic_id, partitions=[part, part])],
        )

        (answered,) = member.client.call(request, 1).responses[0].partitions

        assert answered.error_code == ErrorCode.INVALID_REQUEST


def test_an_acknowledgement_that_cannot_be_written_is_not_answered_as_if_it_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running_node() as broker:
        member = member_with_records(broker)

        def refuse(*args: object, **kwargs: object) -> None:
            raise NOT_WRITTEN

        with monkeypatch.context() as patch:
            patch.setattr(broker.node.journal, "append", refuse)
            code = member.acknowledged((0, 1, [ACCEPT]))

        assert code == ErrorCode.COORDINATOR_NOT_AVAILABLE
        assert member.acknowledged((0, 1, [ACCEPT])) == 0

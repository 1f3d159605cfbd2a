"""One partition of a commit, by either request: what is refused, and what is written."""

from typing import Any

import pytest

from kafkacompat.coordinator.outcome import Write
from kafkacompat.handlers.offset_records import add_offset
from kafkacompat.server.call import Call
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.txn_offset_commit import TxnOffsetCommitRequestPartition
from tests.support.node import RunningNode


@pytest.mark.parametrize(
    ("index", "metadata", "code"),
    [
        (0, None, ErrorCode.NONE),
        (9, "", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        (0, "x" * 4097, ErrorCode.OFFSET_METADATA_TOO_LARGE),
    ],
)
def test_a_record_is_added_or_the_reason_returned(
    broker: RunningNode, index: int, metadata: str | None, code: ErrorCode
) -> None:
    if broker.run(lambda: "t" not in broker.node.image.topics):
        broker.create_topic("t")

    class Peer:
        client_id = "c"

    peer: Any = Peer()
    call = Call(broker.node, peer, 28, 5)
    item = TxnOffsetCommitRequestPartition(
        partition_index=index, committed_offset=7, committed_metadata=metadata
    )
    records: list[Write] = []
    assert broker.run(lambda: add_offset(call, "g", "t", item, (1, -1), records)) == code
    assert [(w.key.group, w.value.offset, w.value.commit_timestamp) for w in records] == (
        [("g", 7, 1)] if code is ErrorCode.NONE else []
    )

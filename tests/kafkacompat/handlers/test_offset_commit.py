"""OffsetCommit over the wire."""

from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafkacompat_protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestTopic
from tests.support.groups_on_the_wire import enter
from tests.support.node import RunningNode


def commit_request(
    group: str, topic_id: bytes, offset: int, *, topic: str = "t", index: int = 0, **fields: Any
) -> OffsetCommitRequest:
    metadata = str(fields.pop("metadata", "m"))
    part = OffsetCommitRequestPartition(
        partition_index=index,
        committed_offset=offset,
        committed_leader_epoch=0,
        committed_metadata=metadata,
    )
    return OffsetCommitRequest(
        group_id=group,
        topics=[OffsetCommitRequestTopic(name=topic, topic_id=topic_id, partitions=[part])],
        **fields,
    )


@pytest.fixture(scope="module")
def topic_id(broker: RunningNode) -> bytes:
    broker.call(FindCoordinatorRequest(key="g"), 2)
    return broker.create_topic("t")


def committed(broker: RunningNode, group: str) -> int:
    wanted = OffsetFetchRequestTopic(name="t", partition_indexes=[0])
    told = broker.call(OffsetFetchRequest(group_id=group, topics=[wanted]), 5)
    offset: int = told.topics[0].partitions[0].committed_offset
    return offset


@pytest.mark.parametrize("version", range(11))
def test_an_offset_is_kept_in_every_version(
    broker: RunningNode, topic_id: bytes, version: int
) -> None:
    group = f"g{version}"
    told = broker.call(commit_request(group, topic_id, 42), version)
    assert told.topics[0].partitions[0].error_code == 0
    assert committed(broker, group) == 42


def test_a_member_commits_in_its_generation_only(broker: RunningNode, topic_id: bytes) -> None:
    member, generation = enter(broker, "members")
    for epoch, code in ((generation, 0), (generation + 1, ErrorCode.ILLEGAL_GENERATION)):
        request = commit_request(
            "members", topic_id, epoch, generation_id_or_member_epoch=epoch, member_id=member
        )
        assert broker.call(request, 8).topics[0].partitions[0].error_code == code
    assert committed(broker, "members") == generation


@pytest.mark.parametrize(
    ("fields", "version", "code"),
    [
        ({"topic": "missing"}, 8, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ({"index": 9}, 8, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ({"metadata": "x" * 4097}, 8, ErrorCode.OFFSET_METADATA_TOO_LARGE),
    ],
)
def test_a_partition_that_cannot_be_committed_says_why(
    broker: RunningNode, topic_id: bytes, fields: dict[str, Any], version: int, code: ErrorCode
) -> None:
    told = broker.call(commit_request("g", topic_id, 1, **fields), version)
    assert told.topics[0].partitions[0].error_code == code


def test_an_unknown_topic_id_is_refused(broker: RunningNode, topic_id: bytes) -> None:
    told = broker.call(commit_request("g", bytes(15) + b"\x09", 1), 10)
    assert told.topics[0].partitions[0].error_code == ErrorCode.UNKNOWN_TOPIC_ID


def test_offsets_may_be_kept_for_the_empty_group(broker: RunningNode, topic_id: bytes) -> None:
    told = broker.call(commit_request("", topic_id, 1), 8)
    assert told.topics[0].partitions[0].error_code == 0

"""ListOffsets over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsTopic,
)
from tests.support.node import RunningNode
from tests.support.produced import NOW_MS, batch, produce


@pytest.fixture(scope="module", autouse=True)
def records(broker: RunningNode) -> None:
    """Offsets 0 and 1 at NOW and NOW+1, then 2 and 3 at NOW+1000 and NOW+1001."""
    broker.create_topic("t", 2)
    produce(broker, batch(b"a", b"b"))
    produce(broker, batch(b"c", b"d", timestamp=NOW_MS + 1000))


def ask(broker: RunningNode, version: int, timestamp: int, **fields: object) -> tuple[int, ...]:
    part = ListOffsetsPartition(
        partition_index=fields.pop("index", 0),  # type: ignore[arg-type]
        timestamp=timestamp,
        **fields,  # type: ignore[arg-type]
    )
    topic = ListOffsetsTopic(name="t", partitions=[part])
    told = broker.call(ListOffsetsRequest(replica_id=-1, topics=[topic]), version)
    found = told.topics[0].partitions[0]
    if version == 0:
        return (found.error_code, *found.old_style_offsets)
    return found.error_code, found.timestamp, found.offset


@pytest.mark.parametrize("version", range(1, 12))
def test_the_ends_and_times_are_found_in_every_version(broker: RunningNode, version: int) -> None:
    assert ask(broker, version, -1) == (0, -1, 4)
    assert ask(broker, version, -2) == (0, -1, 0)
    assert ask(broker, version, NOW_MS) == (0, NOW_MS, 0)
    assert ask(broker, version, NOW_MS + 1) == (0, NOW_MS + 1, 1)
    assert ask(broker, version, NOW_MS + 2) == (0, NOW_MS + 1000, 2)
    assert ask(broker, version, NOW_MS + 5000) == (0, -1, -1)


@pytest.mark.parametrize(
    ("timestamp", "first", "found"),
    [
        (-3, 7, (0, NOW_MS + 1001, 3)),
        (-4, 8, (0, -1, 0)),
        (-5, 9, (0, -1, -1)),
        (-6, 11, (0, -1, -1)),
    ],
)
def test_questions_are_understood_from_their_version_on(
    broker: RunningNode, timestamp: int, first: int, found: tuple[int, ...]
) -> None:
    assert ask(broker, first, timestamp) == found
    assert ask(broker, first - 1, timestamp)[0] == ErrorCode.UNSUPPORTED_VERSION


def test_an_empty_partition_has_no_times(broker: RunningNode) -> None:
    assert ask(broker, 7, -3, index=1) == (0, -1, -1)
    assert ask(broker, 7, NOW_MS, index=1) == (0, -1, -1)
    assert ask(broker, 7, -1, index=1) == (0, -1, 0)


def test_version_0_answers_a_list(broker: RunningNode) -> None:
    assert ask(broker, 0, -1, max_num_offsets=1) == (0, 4)
    assert ask(broker, 0, -1, max_num_offsets=9) == (0, 4, 0)
    assert ask(broker, 0, -2, max_num_offsets=1) == (0, 0)


def test_what_does_not_exist_is_unknown(broker: RunningNode) -> None:
    assert ask(broker, 5, -1, index=9)[0] == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_the_leader_epoch_is_checked(broker: RunningNode) -> None:
    assert ask(broker, 5, -1, current_leader_epoch=3)[0] == ErrorCode.UNKNOWN_LEADER_EPOCH


def test_a_partition_named_twice_is_refused_once(broker: RunningNode) -> None:
    parts = [ListOffsetsPartition(partition_index=0, timestamp=at) for at in (-1, -2)]
    request = ListOffsetsRequest(topics=[ListOffsetsTopic(name="t", partitions=parts)])
    (told,) = broker.call(request, 5).topics[0].partitions
    assert told.error_code == ErrorCode.INVALID_REQUEST

"""ElectLeaders over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.elect_leaders import (
    ElectLeadersRequest,
    ElectLeadersResponse,
    TopicPartitions,
)
from tests.support.node import RunningNode


def elect(
    broker: RunningNode, *wanted: tuple[str, list[int]], version: int = 2, kind: int = 0
) -> ElectLeadersResponse:
    asked = [TopicPartitions(topic=topic, partitions=parts) for topic, parts in wanted]
    request = ElectLeadersRequest(election_type=kind, topic_partitions=asked)
    told: ElectLeadersResponse = broker.call(request, version)
    return told


def results(told: ElectLeadersResponse) -> list[tuple[str, int, int, str | None]]:
    return [
        (topic.topic, each.partition_id, each.error_code, each.error_message)
        for topic in told.replica_election_results
        for each in topic.partition_result
    ]


@pytest.mark.parametrize(("version", "kind"), [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1)])
def test_whoever_leads_need_not_be_elected(broker: RunningNode, version: int, kind: int) -> None:
    broker.create_topic(f"t{version}{kind}")
    told = elect(broker, (f"t{version}{kind}", [0, 9]), ("no", [0]), version=version, kind=kind)
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert results(told) == [
        (
            f"t{version}{kind}",
            0,
            ErrorCode.ELECTION_NOT_NEEDED,
            "Leader election not needed for topic partition.",
        ),
        (f"t{version}{kind}", 9, unknown, f"No such partition as t{version}{kind}-9"),
        ("no", 0, unknown, "No such topic as no"),
    ]


def test_of_all_partitions_only_elections_are_told(broker: RunningNode) -> None:
    broker.create_topic("all")
    told = broker.call(ElectLeadersRequest(topic_partitions=None), 2)
    assert told.error_code == 0
    assert "all" in [topic.topic for topic in told.replica_election_results]
    assert results(told) == []


def test_an_election_that_nobody_knows_is_refused(broker: RunningNode) -> None:
    told = elect(broker, ("t", [0]), kind=2)
    code = ErrorCode.INVALID_REQUEST
    assert told.error_code == code
    assert results(told) == [("t", 0, code, "Unknown election type 2")]

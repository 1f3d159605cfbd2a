"""The log forgets the oldest, and tells in one line what a request was."""

from typing import Any

from kafkacompat.embedded.request_log import KEPT, LoggedRequest, RequestLog
from kafkacompat.embedded.subjects import Subjects
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.produce import (
    PartitionProduceResponse,
    ProduceResponse,
    TopicProduceResponse,
)


def logged(log: RequestLog, **fields: Any) -> LoggedRequest:
    request = LoggedRequest(
        number=log.next_number(),
        api="Produce",
        api_key=0,
        version=8,
        client_id="c",
        connection="127.0.0.1:1",
        broker=1,
        wall_ms=0,
        request=None,
        subjects=Subjects({("t", 0)}, {"g"}),
    )
    for name, value in fields.items():
        setattr(request, name, value)
    log.requests.append(request)
    return request


def test_the_oldest_are_forgotten() -> None:
    log = RequestLog()
    for _ in range(KEPT + 5):
        logged(log)
    assert (len(log.requests), log.requests[0].number, log.last_number) == (KEPT, 6, KEPT + 5)


def test_errors_are_found_wherever_they_are() -> None:
    slot = PartitionProduceResponse(index=0, error_code=6, base_offset=-1)
    topic = TopicProduceResponse(name="t", partition_responses=[slot])
    found = logged(RequestLog(), response=ProduceResponse(responses=[topic]), fault="error")
    assert found.errors == [ErrorCode.NOT_LEADER_OR_FOLLOWER]
    assert str(found) == "#1 Produce v8 by 'c' about g, t -> NOT_LEADER_OR_FOLLOWER [error]"


def test_filters_are_patterns() -> None:
    log = RequestLog()
    logged(log)
    logged(log, client_id="other", subjects=Subjects())
    assert len(log.find(0)) == 2
    assert len(log.find(1)) == 1
    for filters in ({"api": "Produce", "topic": "t*"}, {"client_id": "c"}, {"group": "?"}):
        assert [request.number for request in log.find(0, **filters)] == [1]
    assert log.find(0, api="Fetch") == []

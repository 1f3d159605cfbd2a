"""AddRaftVoter's bytes, as Kafka writes them when a voter is added."""

import pytest

from kafkacompat_protocol.messages.add_raft_voter import (
    AddRaftVoterRequest,
    AddRaftVoterResponse,
    VoterListener,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        AddRaftVoterRequest(
            cluster_id="c",
            timeout_ms=1000,
            voter_id=2,
            voter_directory_id=bytes(15) + b"\x07",
            listeners=[VoterListener(name="C", host="h", port=40000)],
        ),
        0,
        "0263000003e8000000020000000000000000000000000000000702024302689c400000",
        id="a request of old",
    ),
    pytest.param(
        AddRaftVoterRequest(
            timeout_ms=1000,
            voter_id=2,
            voter_directory_id=bytes(16),
            listeners=[],
            ack_when_committed=False,
        ),
        1,
        "00000003e80000000200000000000000000000000000000000010000",
        id="a request",
    ),
    pytest.param(
        AddRaftVoterResponse(error_code=35, error_message="no"),
        1,
        "000000000023036e6f00",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)

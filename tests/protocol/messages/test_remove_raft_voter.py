"""RemoveRaftVoter's bytes, as Kafka writes them when a voter is removed."""

import pytest

from kafkacompat_protocol.messages.remove_raft_voter import (
    RemoveRaftVoterRequest,
    RemoveRaftVoterResponse,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        RemoveRaftVoterRequest(cluster_id="c", voter_id=2, voter_directory_id=bytes(15) + b"\x07"),
        0,
        "0263000000020000000000000000000000000000000700",
        id="a request",
    ),
    pytest.param(
        RemoveRaftVoterResponse(error_code=35),
        0,
        "0000000000230000",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)

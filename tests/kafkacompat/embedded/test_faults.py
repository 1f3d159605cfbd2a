"""Which request a fault takes."""

from types import SimpleNamespace
from typing import Any

import pytest

from kafkacompat.embedded.client import OWN_CLIENT_ID
from kafkacompat.embedded.faults import Faults, Kind, Match, api_key, error_code
from kafkacompat.embedded.subjects import Subjects
from kafkacompat_protocol.errors import ErrorCode

HEARTBEAT = 12


def call(api: int = HEARTBEAT, version: int = 4, client_id: str | None = "c") -> Any:
    connection = SimpleNamespace(peer="127.0.0.1:5")
    return SimpleNamespace(api_key=api, version=version, client_id=client_id, connection=connection)


SUBJECTS = Subjects({("orders", 1), ("orders", 2)}, {"g-1"}, {"tx"})


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        (Match(), True),
        (Match(api="Heartbeat"), True),
        (Match(api="HeartbeatRequest"), True),
        (Match(api=13), False),
        (Match(min_version=5), False),
        (Match(max_version=3), False),
        (Match(min_version=4, max_version=4), True),
        (Match(client_id="?"), True),
        (Match(client_id="other"), False),
        (Match(connection="127.0.0.1:5"), True),
        (Match(connection="127.0.0.1:6"), False),
        (Match(group="g-*"), True),
        (Match(group="tx"), True),
        (Match(group="h"), False),
        (Match(topic="ord*"), True),
        (Match(topic="orders", partition=2), True),
        (Match(topic="orders", partition=3), False),
        (Match(partition=1), True),
        (Match(topic="payments"), False),
    ],
)
def test_everything_that_is_given_must_fit(match: Match, fits: bool) -> None:
    assert match.fits(call(), SUBJECTS) is fits


def test_the_first_fault_has_the_request_until_it_is_used_up() -> None:
    faults = Faults()
    once = faults.add(Kind.ERROR, Match(), times=1)
    always = faults.add(Kind.DELAY, Match(), delay_ms=1)
    taken = [faults.take(call(), SUBJECTS) for _ in range(3)]
    assert taken == [once, always, always]
    assert (once.fired, always.fired) == (1, 2)
    faults.remove(always.number)
    faults.remove(99)
    assert faults.take(call(), SUBJECTS) is None


def test_our_own_client_is_left_alone() -> None:
    faults = Faults()
    faults.add(Kind.ERROR, Match())
    assert faults.take(call(client_id=OWN_CLIENT_ID), SUBJECTS) is None


def test_names_become_numbers() -> None:
    assert api_key("list_offsets") == api_key("ListOffsetsRequest") == api_key(2) == 2
    assert error_code("not_leader_or_follower") == error_code(6) == ErrorCode(6)
    with pytest.raises(ValueError, match="99999"):
        error_code(99999)

"""JoinGroup over the wire; who is let in is tested with the group's machine."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from tests.support.groups_on_the_wire import SUBSCRIPTION, join_request
from tests.support.node import RunningNode


@pytest.mark.parametrize("version", range(10))
def test_a_new_member_becomes_the_leader_in_every_version(
    broker: RunningNode, version: int
) -> None:
    group = f"g{version}"
    broker.call(FindCoordinatorRequest(key=group), 2)
    joined = broker.call(join_request(group), version)
    if version >= 4:
        assert joined.error_code == ErrorCode.MEMBER_ID_REQUIRED
        joined = broker.call(join_request(group, joined.member_id), version)
    assert (joined.error_code, joined.generation_id, joined.protocol_name) == (0, 1, "range")
    assert joined.leader == joined.member_id == joined.members[0].member_id
    assert joined.members[0].metadata == SUBSCRIPTION
    assert joined.member_id.startswith("test-")


@pytest.mark.parametrize("version", [6, 7])
def test_a_failed_join_has_no_protocol_in_the_form_of_its_version(
    broker: RunningNode, version: int
) -> None:
    broker.call(FindCoordinatorRequest(key="x"), 2)
    told = broker.call(join_request("x", "never-given"), version)
    assert told.error_code == ErrorCode.UNKNOWN_MEMBER_ID
    assert told.protocol_name == (None if version >= 7 else "")


def test_a_join_waits_for_the_others(broker: RunningNode) -> None:
    broker.call(FindCoordinatorRequest(key="two"), 2)
    first, second = broker.client(), broker.client()
    one = first.call(join_request("two"), 3)
    second.send(join_request("two"), 3)
    group = broker.run(lambda: broker.node.groups.shard("two").groups["two"])
    broker.wait_until(lambda: group.state.value == "PreparingRebalance")
    first.send(join_request("two", one.member_id), 3)
    told = [first.receive(11, 3), second.receive(11, 3)]
    assert [answer.generation_id for answer in told] == [2, 2]
    assert sorted(len(answer.members) for answer in told) == [0, 2]

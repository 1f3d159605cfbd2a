"""What a group knows of a member."""

from kafkacompat.coordinator.groups.member import Member


def member() -> Member:
    return Member(
        member_id="m",
        group_instance_id=None,
        client_id="c",
        client_host="/127.0.0.1",
        rebalance_timeout_ms=30_000,
        session_timeout_ms=10_000,
        protocols=[("range", b"r"), ("sticky", b"s")],
    )


def test_a_subscription_is_that_of_the_chosen_protocol() -> None:
    assert member().subscription("sticky") == b"s"
    assert member().subscription("other") == b""
    assert member().subscription(None) == b""


def test_hearing_of_a_member_begins_its_session_anew() -> None:
    found = member()
    found.heard(5_000)
    assert found.deadline_ms == 15_000


def test_a_member_whose_request_waits_counts_as_alive_unless_it_is_new() -> None:
    found = member()
    assert not found.is_waiting
    found.join_ticket = "t"
    assert found.is_waiting
    found.is_new = True
    assert not found.is_waiting


def test_an_update_replaces_protocols_and_timeouts() -> None:
    found = member()
    found.update([("roundrobin", b"x")], 1, 2)
    assert found.protocol_names == {"roundrobin"}
    assert (found.rebalance_timeout_ms, found.session_timeout_ms) == (1, 2)

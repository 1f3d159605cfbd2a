"""One step of a member towards its target: first give back, then get what is free."""

from dataclasses import replace

from kafkacompat.coordinator.groups.consumer.member import ConsumerMember, MemberState
from kafkacompat.coordinator.groups.consumer.reconciliation import reconcile
from kafkacompat.coordinator.groups.topics import NOTHING, Assignment, Place

T = b"t" * 16
STABLE, UNREVOKED, UNRELEASED = MemberState


def places(*indexes: int) -> Assignment:
    return frozenset((T, index) for index in indexes)


def free(place: Place) -> bool:
    return False


def taken(place: Place) -> bool:
    return True


MEMBER = ConsumerMember("m", epoch=3, previous_epoch=2, assigned=places(0, 1))


def test_a_member_at_its_target_stays() -> None:
    assert reconcile(MEMBER, places(0, 1), 3, free, None) is MEMBER


def test_what_is_not_in_the_target_is_given_back_first() -> None:
    found = reconcile(MEMBER, places(1, 2), 4, free, None)
    assert found == replace(MEMBER, state=UNREVOKED, assigned=places(1), revoking=places(0))


def test_until_it_says_so_nothing_is_given_back() -> None:
    waits = replace(MEMBER, state=UNREVOKED, assigned=places(1), revoking=places(0))
    assert reconcile(waits, places(1, 2), 4, free, None) is waits
    assert reconcile(waits, places(1, 2), 4, free, places(0, 1)) is waits
    done = reconcile(waits, places(1, 2), 4, free, places(1))
    assert done == ConsumerMember("m", epoch=4, previous_epoch=3, assigned=places(1, 2))


def test_what_others_have_is_waited_for_in_the_new_epoch() -> None:
    waits = reconcile(MEMBER, places(0, 1, 2), 4, taken, None)
    assert waits == replace(MEMBER, state=UNRELEASED, epoch=4, previous_epoch=3)
    still = reconcile(waits, places(0, 1, 2), 4, taken, None)
    assert still == waits
    got = reconcile(waits, places(0, 1, 2), 4, free, None)
    assert (got.state, got.assigned, got.previous_epoch) == (STABLE, places(0, 1, 2), 3)


def test_who_has_given_back_already_moves_at_once() -> None:
    found = reconcile(MEMBER, places(1), 4, free, places(1))
    assert (found.state, found.epoch, found.assigned) == (STABLE, 4, places(1))
    assert found.revoking == NOTHING


def test_a_target_that_changes_while_giving_back_is_taken_up_after_it() -> None:
    waits = replace(MEMBER, state=UNREVOKED, assigned=places(1), revoking=places(0))
    found = reconcile(waits, places(0), 5, free, places(1))
    assert (found.state, found.revoking) == (UNREVOKED, places(1))

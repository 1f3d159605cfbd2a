"""What a member is to have next: first it gives back, then it gets what others have given back.

A partition has one owner at any time. A member that must give something back stays in its epoch
until it says that it has; then it moves to the target's epoch and gets what is free.

Spec: KIP-848 (reconciliation).
"""

from collections.abc import Callable
from dataclasses import replace

from kafkacompat.coordinator.groups.consumer.member import ConsumerMember, MemberState
from kafkacompat.coordinator.groups.topics import NOTHING, Assignment, Place

IsTaken = Callable[[Place], bool]
"""Whether another member holds a partition, or is still to give it back."""


def reconcile(
    member: ConsumerMember,
    target: Assignment,
    target_epoch: int,
    is_taken: IsTaken,
    owned: Assignment | None,
) -> ConsumerMember:
    """Return the member as far on its way as it can be.

    `owned` is what it says it has; None if it says nothing.
    """
    if member.state is MemberState.STABLE and member.epoch == target_epoch:
        return member
    if member.state is MemberState.UNREVOKED_PARTITIONS and (
        owned is None or owned & member.revoking
    ):
        return member
    return _next(member, target, target_epoch, is_taken, owned)


def _next(
    member: ConsumerMember,
    target: Assignment,
    target_epoch: int,
    is_taken: IsTaken,
    owned: Assignment | None,
) -> ConsumerMember:
    kept = member.assigned & target
    revoking = member.assigned - kept
    if revoking and (owned is None or owned & revoking):
        return replace(
            member, state=MemberState.UNREVOKED_PARTITIONS, assigned=kept, revoking=revoking
        )
    wanted = target - kept
    free = frozenset(place for place in wanted if not is_taken(place))
    waits = len(free) < len(wanted)
    moved = target_epoch != member.epoch
    return replace(
        member,
        state=MemberState.UNRELEASED_PARTITIONS if waits else MemberState.STABLE,
        epoch=target_epoch,
        previous_epoch=member.epoch if moved else member.previous_epoch,
        assigned=kept | free,
        revoking=NOTHING,
    )

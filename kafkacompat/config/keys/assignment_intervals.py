"""How often the assignment of a group is computed anew, by the broker and by each group.

Here it is computed whenever it must be, so none of these has an effect.
"""

from kafkacompat.config.rows import Scope, Update, key, whole

KINDS = ("consumer", "share", "streams")

for _kind in KINDS:
    _name = f"{_kind}.assignment.interval.ms"
    for _part, _lowest, _default, _meaning in (
        ("min.", 0, 0, f"The shortest {_name} of a group."),
        ("max.", 0, 15_000, f"The longest {_name} of a group."),
    ):
        key(
            f"group.{_kind}.{_part}assignment.interval.ms",
            whole(_lowest),
            _default,
            Scope.BROKER,
            _meaning,
            is_effective=False,
        )
    key(
        f"group.{_name}",
        whole(0),
        1_000,
        Scope.BROKER,
        f"The shortest time between two assignments of a {_kind} group.",
        update=Update.CLUSTER_WIDE,
        is_effective=False,
    )
    key(
        _name,
        whole(0),
        1_000,
        Scope.GROUP,
        "The shortest time between two assignments of the group.",
        broker_synonym=f"group.{_name}",
        is_effective=False,
    )

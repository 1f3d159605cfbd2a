"""Keys of streams groups, the broker's and each group's. Their protocol is not there yet."""

from kafkacompat.config.rows import Scope, key, whole

INT_MAX = (1 << 31) - 1
_BROKERS = (
    ("session.timeout.ms", 1, 45_000, "How long a member of a streams group may be silent."),
    ("min.session.timeout.ms", 1, 45_000, "The shortest streams.session.timeout.ms of a group."),
    ("max.session.timeout.ms", 1, 60_000, "The longest streams.session.timeout.ms of a group."),
    ("heartbeat.interval.ms", 1, 5_000, "How often members are to be heard of."),
    ("min.heartbeat.interval.ms", 1, 5_000, "The shortest streams.heartbeat.interval.ms."),
    ("max.heartbeat.interval.ms", 1, 15_000, "The longest streams.heartbeat.interval.ms."),
    ("num.standby.replicas", 0, 0, "Standby replicas of each task."),
    ("max.standby.replicas", 0, 2, "The highest streams.num.standby.replicas of a group."),
    ("initial.rebalance.delay.ms", 0, 3_000, "How long a new group waits for more members."),
    ("max.size", 1, INT_MAX, "Members that one streams group may have."),
)
_GROUPS = (
    ("session.timeout.ms", 1, 45_000, "How long a member may be silent."),
    ("heartbeat.interval.ms", 1, 5_000, "How often members are to be heard of."),
    ("num.standby.replicas", 0, 0, "Standby replicas of each task."),
    ("initial.rebalance.delay.ms", 0, 3_000, "How long the new group waits for more members."),
)

for _name, _lowest, _default, _text in _BROKERS:
    key(
        f"group.streams.{_name}",
        whole(_lowest),
        _default,
        Scope.BROKER,
        _text,
        is_effective=False,
    )
for _name, _lowest, _default, _text in _GROUPS:
    key(
        f"streams.{_name}",
        whole(_lowest),
        _default,
        Scope.GROUP,
        _text,
        broker_synonym=f"group.streams.{_name}",
        is_effective=False,
    )

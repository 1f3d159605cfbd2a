"""Keys of share groups, the broker's and each group's."""

import re
from typing import Final

from kafkacompat.config.rows import (
    ConfigType,
    InvalidValue,
    Kind,
    Scope,
    boolean,
    key,
    one_of,
    short,
    whole,
)

BROKER, GROUP = Scope.BROKER, Scope.GROUP

_DURATION = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?"
    r"(?:(?P<seconds>\d+(?:\.\d{1,9})?)S)?)?"
)
_BY_DURATION: Final = "by_duration:"
_UNITS_MS: Final = {"days": 86_400_000, "hours": 3_600_000, "minutes": 60_000, "seconds": 1_000}


def duration_ms(strategy: str) -> int:
    """Return how long ago a `by_duration:PnDTnHnMn.nS` is. Errors: InvalidValue."""
    if not strategy.startswith(_BY_DURATION):
        raise InvalidValue(f"Must begin with {_BY_DURATION}")
    found = _DURATION.fullmatch(strategy.removeprefix(_BY_DURATION))
    parts = {} if found is None else {k: v for k, v in found.groupdict().items() if v is not None}
    if not parts:
        raise InvalidValue("The duration must be like PnDTnHnMn.nS")
    return int(sum(float(text) * _UNITS_MS[unit] for unit, text in parts.items()))


def _parse_strategy(text: str) -> str:
    try:
        if text not in ("latest", "earliest"):
            duration_ms(text)
    except InvalidValue:
        raise InvalidValue(
            f"Invalid value `{text}` for configuration share.auto.offset.reset. The value must be"
            " either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'."
        ) from None
    return text


# Read by way of the groups' own keys, below.
key(
    "group.share.delivery.count.limit",
    whole(2, 10),
    5,
    BROKER,
    "How often a record is given to members of a share group.",
)
key(
    "group.share.record.lock.duration.ms",
    whole(1_000, 3_600_000),
    30_000,
    BROKER,
    "How long a member of a share group has a record that it does not acknowledge.",
)
key(
    "group.share.partition.max.record.locks",
    whole(100, 10_000),
    2_000,
    BROKER,
    "Records of a partition that one share group may have in flight.",
)
key(
    "group.share.session.timeout.ms",
    whole(1),
    45_000,
    BROKER,
    "How long a member of a share group may be silent.",
)
key(
    "group.share.heartbeat.interval.ms",
    whole(1),
    5_000,
    BROKER,
    "How often members of share groups are told to send heartbeats.",
)
for _name, _default, _text in (
    ("min.session.timeout.ms", 45_000, "The shortest share.session.timeout.ms of a group."),
    ("max.session.timeout.ms", 60_000, "The longest share.session.timeout.ms of a group."),
    ("min.heartbeat.interval.ms", 5_000, "The shortest share.heartbeat.interval.ms of a group."),
    ("max.heartbeat.interval.ms", 15_000, "The longest share.heartbeat.interval.ms of a group."),
    ("min.record.lock.duration.ms", 15_000, "The shortest share.record.lock.duration.ms."),
    ("max.record.lock.duration.ms", 60_000, "The longest share.record.lock.duration.ms."),
    ("min.delivery.count.limit", 2, "The lowest share.delivery.count.limit of a group."),
    ("max.delivery.count.limit", 10, "The highest share.delivery.count.limit of a group."),
    ("min.partition.max.record.locks", 100, "The lowest share.partition.max.record.locks."),
    ("max.partition.max.record.locks", 4_000, "The highest share.partition.max.record.locks."),
):
    key(f"group.share.{_name}", whole(1), _default, BROKER, _text)
GROUP_SHARE_MAX_SIZE = key(
    "group.share.max.size", whole(1, 1_000), 200, BROKER, "Members that one share group may have."
)
GROUP_SHARE_MAX_SHARE_SESSIONS = key(
    "group.share.max.share.sessions", whole(1), 2_000, BROKER, "Share sessions of this broker."
)
SHARE_TOPIC_REPLICATION_FACTOR = key(
    "share.coordinator.state.topic.replication.factor",
    short(1),
    3,
    BROKER,
    "Replicas of __share_group_state. At most the number of brokers is taken.",
)
SHARE_TOPIC_PARTITIONS = key(
    "share.coordinator.state.topic.num.partitions",
    whole(1),
    50,
    BROKER,
    "Partitions of __share_group_state, fixed when it is made.",
)
SHARE_TOPIC_SEGMENT_BYTES = key(
    "share.coordinator.state.topic.segment.bytes",
    whole(1),
    104_857_600,
    BROKER,
    "Segment size of __share_group_state.",
)
SHARE_UPDATES_PER_SNAPSHOT = key(
    "share.coordinator.snapshot.update.records.per.snapshot",
    whole(0, 500),
    500,
    BROKER,
    "Updates of a share-partition's state that are written between two snapshots of it.",
)

# --- each group's

SHARE_SESSION_TIMEOUT_MS = key(
    "share.session.timeout.ms",
    whole(1),
    45_000,
    GROUP,
    "How long a member may be silent.",
    broker_synonym="group.share.session.timeout.ms",
)
SHARE_HEARTBEAT_INTERVAL_MS = key(
    "share.heartbeat.interval.ms",
    whole(1),
    5_000,
    GROUP,
    "How often members are told to send heartbeats.",
    broker_synonym="group.share.heartbeat.interval.ms",
)
SHARE_RECORD_LOCK_DURATION_MS = key(
    "share.record.lock.duration.ms",
    whole(1_000),
    30_000,
    GROUP,
    "How long a member has a record that it does not acknowledge.",
    broker_synonym="group.share.record.lock.duration.ms",
)
SHARE_DELIVERY_COUNT_LIMIT = key(
    "share.delivery.count.limit",
    whole(2),
    5,
    GROUP,
    "How often a record is given to members.",
    broker_synonym="group.share.delivery.count.limit",
)
SHARE_PARTITION_MAX_RECORD_LOCKS = key(
    "share.partition.max.record.locks",
    whole(100),
    2_000,
    GROUP,
    "Records of a partition that the group may have in flight.",
    broker_synonym="group.share.partition.max.record.locks",
)
SHARE_AUTO_OFFSET_RESET = key(
    "share.auto.offset.reset",
    Kind(ConfigType.STRING, _parse_strategy),
    "latest",
    GROUP,
    "Where the group begins in a partition: latest, earliest or by_duration:PnDTnHnMn.nS.",
)
SHARE_ISOLATION_LEVEL = key(
    "share.isolation.level",
    one_of("read_committed", "read_uncommitted"),
    "read_uncommitted",
    GROUP,
    "Whether members are given records of transactions that are open or aborted.",
)
SHARE_RENEW_ACKNOWLEDGE_ENABLE = key(
    "share.renew.acknowledge.enable",
    boolean(),
    True,
    GROUP,
    "Whether members may have records for longer by renewing them.",
)

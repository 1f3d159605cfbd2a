"""Keys of consumer groups whose members are assigned by the broker: its own and each group's."""

from kafkacompat.config.rows import Scope, key, one_of, whole

BROKER, GROUP = Scope.BROKER, Scope.GROUP
INT_MAX = (1 << 31) - 1

# Read by way of the groups' own keys, below.
key(
    "group.consumer.session.timeout.ms",
    whole(1),
    45_000,
    BROKER,
    "How long a member of a consumer group may be silent.",
)
key(
    "group.consumer.heartbeat.interval.ms",
    whole(1),
    5_000,
    BROKER,
    "How often members of a consumer group are to be heard of.",
)
for _name, _default, _text in (
    ("min.session.timeout.ms", 45_000, "The shortest consumer.session.timeout.ms of a group."),
    ("max.session.timeout.ms", 60_000, "The longest consumer.session.timeout.ms of a group."),
    ("min.heartbeat.interval.ms", 5_000, "The shortest consumer.heartbeat.interval.ms."),
    ("max.heartbeat.interval.ms", 15_000, "The longest consumer.heartbeat.interval.ms."),
):
    key(f"group.consumer.{_name}", whole(1), _default, BROKER, _text)
CONSUMER_SESSION_TIMEOUT_MS = key(
    "consumer.session.timeout.ms",
    whole(1),
    45_000,
    GROUP,
    "How long a member of this consumer group may be silent.",
    broker_synonym="group.consumer.session.timeout.ms",
)
CONSUMER_HEARTBEAT_INTERVAL_MS = key(
    "consumer.heartbeat.interval.ms",
    whole(1),
    5_000,
    GROUP,
    "How often members of this consumer group are to be heard of.",
    broker_synonym="group.consumer.heartbeat.interval.ms",
)
GROUP_CONSUMER_MAX_SIZE = key(
    "group.consumer.max.size",
    whole(1),
    INT_MAX,
    BROKER,
    "Members that one consumer group may have.",
)
GROUP_CONSUMER_MIGRATION_POLICY = key(
    "group.consumer.migration.policy",
    one_of("disabled", "upgrade", "downgrade", "bidirectional"),
    "bidirectional",
    BROKER,
    "Whether groups change from the classic to the consumer protocol, or back, as members do.",
)

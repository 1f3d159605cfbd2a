"""Broker keys that give topic keys their defaults, such as log.retention.hours.

Each is made from the topic key that names it as a synonym, with the default that Apache Kafka
gives it: where several set one topic key, one has the default and the others are not set.
"""

from typing import Any

from kafkacompat.config.rows import KEYS, Key, Scope, Synonym, Update, long, rows_of, whole

OWN_DEFAULTS = {
    "log.retention.ms": None,
    "log.retention.minutes": None,
    "log.retention.hours": 168,
    "log.roll.ms": None,
    "log.roll.hours": 168,
    "log.roll.jitter.ms": None,
    "log.roll.jitter.hours": 0,
    "log.flush.interval.ms": None,
}
FIXED = (
    "log.retention.minutes",
    "log.retention.hours",
    "log.roll.hours",
    "log.roll.jitter.hours",
    "log.flush.scheduler.interval.ms",
)
"""Those that cannot change while the broker runs."""


def enter() -> None:
    """Enter a broker row for every synonym of a topic key that has none yet."""
    known = rows_of(Scope.BROKER)
    for topic_key in rows_of(Scope.TOPIC).values():
        for synonym in topic_key.synonyms:
            if synonym.name not in known:
                made = _broker_row(topic_key, synonym)
                KEYS[made.name if made.name not in KEYS else f"broker:{made.name}"] = made


def _broker_row(topic_key: Key[Any], synonym: Synonym) -> Key[Any]:
    kind = topic_key.kind
    if synonym.multiplier != 1:
        lowest = -1 if "retention" in synonym.name else 0 if "jitter" in synonym.name else 1
        kind = whole(lowest)
    elif synonym.name == "log.flush.interval.ms":
        kind = long()
    return Key(
        synonym.name,
        kind,
        OWN_DEFAULTS.get(synonym.name, topic_key.default),
        Scope.BROKER,
        f"What {topic_key.name} is for topics that do not set it{_unit(synonym)}.",
        update=Update.READ_ONLY if synonym.name in FIXED else Update.CLUSTER_WIDE,
        is_effective=topic_key.is_effective,
    )


def _unit(synonym: Synonym) -> str:
    units = {1: "", 60_000: ", in minutes", 3_600_000: ", in hours"}
    return units[synonym.multiplier]

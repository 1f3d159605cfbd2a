"""Within what a broker lets a group set its own keys.

consumer.session.timeout.ms  within  group.consumer.min.session.timeout.ms
                                and  group.consumer.max.session.timeout.ms
streams.num.standby.replicas within  group.streams.max.standby.replicas
"""

from collections.abc import Mapping

from kafkacompat.config.rows import InvalidValue
from kafkacompat.config.values import BROKER_ROWS, GROUP_ROWS, BrokerConfig


def check_group_bounds(broker: BrokerConfig, own: Mapping[str, str | None]) -> None:
    """Check what a group is to set, each value being one that its key takes.

    Errors: InvalidValue, in Kafka's own words.
    """
    for name, text in own.items():
        row = GROUP_ROWS.get(name)
        if row is None or text is None:
            continue
        kind, _, rest = name.partition(".")
        value = row.parse(text)
        for end, words in (("min", "greater"), ("max", "less")):
            bound = BROKER_ROWS.get(f"group.{kind}.{end}.{rest.removeprefix('num.')}")
            if bound is None:
                continue
            limit = broker.get(bound)
            if value < limit if end == "min" else value > limit:
                raise InvalidValue(f"{name} must be {words} than or equal to {bound.name}")

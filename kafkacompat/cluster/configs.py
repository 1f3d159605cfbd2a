"""From the settings of one broker to those of several."""

from collections.abc import Mapping, Sequence

from kafkacompat.config import keys
from kafkacompat.config.keys.network import RACK_AWARE
from kafkacompat.config.load import ConfigError
from kafkacompat.config.values import BrokerConfig
from kafkacompat.server.advertise import parse_endpoint
from kafkacompat.server.listener import Endpoint

MOST_BROKERS = 100
FACTOR = 3
"""Replicas of a topic by default, where there are as many brokers."""


def configs_of(
    static: Mapping[str, str], count: int, racks: Sequence[str] = ()
) -> list[dict[str, str]]:
    """Return the settings of each of `count` brokers, whose ids and ports follow one another.

    Port 0 stays. With `racks`, as many as there are brokers, consumers are sent to the replica in
    their own rack. Topics have three replicas unless something else is set.

    Errors: ConfigError.
    """
    if not 1 <= count <= MOST_BROKERS:
        raise ConfigError(f"{count} brokers: there may be 1 to {MOST_BROKERS}")
    if racks and len(racks) != count:
        raise ConfigError(f"{len(racks)} racks for {count} brokers")
    own = dict(static)
    if count > 1:
        if BrokerConfig(own).get(keys.DURABILITY) != "memory":
            raise ConfigError(
                "several brokers are kept in memory: they emulate a cluster for tests"
            )
        own.setdefault(keys.DEFAULT_REPLICATION_FACTOR.name, str(min(count, FACTOR)))
        own.setdefault(keys.OFFSETS_TOPIC_REPLICATION_FACTOR.name, str(FACTOR))
    if racks:
        own.setdefault(keys.REPLICA_SELECTOR.name, RACK_AWARE)
    config = BrokerConfig(own)
    made = []
    for number in range(count):
        each = own | {keys.NODE_ID.name: str(config.get(keys.NODE_ID) + number)}
        for key in (keys.LISTENERS, keys.ADVERTISED_LISTENERS):
            if key.name in own:
                each[key.name] = ",".join(_moved(text, number) for text in config.get(key))
        if racks:
            each[keys.BROKER_RACK.name] = racks[number]
        made.append(each)
    return made


def elsewhere(static: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a broker like this one, on a free port of this machine."""
    own = {key: text for key, text in static.items() if key != keys.ADVERTISED_LISTENERS.name}
    return own | {keys.LISTENERS.name: "PLAINTEXT://127.0.0.1:0"}


def _moved(text: str, by: int) -> str:
    end = parse_endpoint(text)
    return str(Endpoint(end.name, end.host, end.port + by if end.port else 0))

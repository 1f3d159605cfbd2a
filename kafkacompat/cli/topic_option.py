"""The option `-t name[:partitions[:replicas[:key=value,...]]]`."""

from kafkacompat.config.load import ConfigError, split_assignment
from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata import commands
from kafkacompat.metadata.commands import NewTopic, Place
from kafkacompat.metadata.image import MetadataImage
from kafkacompat_protocol.errors import KafkaError


def parse_topic(text: str) -> NewTopic:
    """Read one option; what is left out is the broker's default. Errors: ConfigError."""
    name, *rest = text.split(":", 3)
    numbers = [_number(text, item) for item in rest[:2]]
    partitions, replicas = (*numbers, -1, -1)[:2]
    settings = [item for item in (rest[2].split(",") if len(rest) > 2 else []) if item]
    configs: dict[str, str | None] = dict(map(split_assignment, settings))
    return NewTopic(name, partitions=partitions, replication_factor=replicas, configs=configs)


def _number(text: str, item: str) -> int:
    if not item:
        return -1
    if not item.isascii() or not item.isdigit() or len(item) > 9:
        raise ConfigError(f"topic {text!r}: {item!r} is no number")
    return int(item)


def check_topics(topics: list[NewTopic], config: BrokerConfig, brokers: int = 1) -> None:
    """Check topics before anything is started. Errors: ConfigError."""
    seen = set()
    racks = dict.fromkeys(range(brokers)) if brokers > 1 else None
    place = Place(0, bytes(16), racks=racks)
    for topic in topics:
        if topic.name in seen:
            raise ConfigError(f"topic {topic.name}: given twice")
        seen.add(topic.name)
        try:
            commands.create_topic(MetadataImage(), topic, config, place)
        except KafkaError as error:
            raise ConfigError(f"topic {topic.name}: {error.message}") from None

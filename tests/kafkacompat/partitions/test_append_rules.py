"""A topic's configuration as rules for appending."""

import pytest

from kafkacompat.config.values import BrokerConfig, TopicConfig
from kafkacompat.metadata.image import RESOURCE_TOPIC, MetadataImage
from kafkacompat.partitions.append_rules import append_rules
from kafkacompat.partitions.registry import Partitions
from kafkacompat_protocol.metadata_records.settings import ConfigRecord
from kafkacompat_storage.log import AppendRules
from kafkacompat_storage.store import open_store


def rules(broker: dict[str, str] | None = None, **topic: str) -> AppendRules:
    settings = {name.replace("_", "."): value for name, value in topic.items()}
    return append_rules(TopicConfig(BrokerConfig(broker), settings), "t", 0)


@pytest.mark.parametrize(
    ("setting", "codec", "level"),
    [
        ("producer", -1, None), ("uncompressed", 0, None), ("gzip", 1, -1), ("snappy", 2, None),
        ("lz4", 3, 9), ("zstd", 4, 3),
    ],
)  # fmt: skip
def test_codecs_have_numbers_and_levels(setting: str, codec: int, level: int | None) -> None:
    made = rules(compression_type=setting)
    assert (made.codec, made.compression_level) == (codec, level)


def test_a_level_is_the_topics_or_the_brokers() -> None:
    assert rules({"compression.zstd.level": "-7"}, compression_type="zstd").compression_level == -7
    own = rules(
        {"compression.gzip.level": "2"}, compression_type="gzip", compression_gzip_level="9"
    )
    assert own.compression_level == 9


def test_partitions_of_a_topic_roll_at_times_of_their_own() -> None:
    config = TopicConfig(BrokerConfig(), {})
    spread = {append_rules(config, "t", index).roll_spread for index in range(20)}
    assert len(spread) == 20


@pytest.mark.parametrize(
    ("topic", "key", "expected"),
    [
        ("t", "cleanup.policy", True),
        ("t", "compression.type", True),
        ("t", "retention.ms", False),
        ("__consumer_offsets", "cleanup.policy", False),
    ],
)
def test_records_are_looked_at_once_a_topic_may_ask_for_it(
    topic: str, key: str, expected: bool
) -> None:
    image = MetadataImage()
    partitions = Partitions(image, open_store([], node_id=1, now_ms=0), BrokerConfig(), 1)
    assert not partitions.reads_records
    image.apply(ConfigRecord(resource_type=RESOURCE_TOPIC, resource_name=topic, name=key, value=""))
    assert partitions.reads_records is expected


def test_records_are_looked_at_where_the_broker_says_so() -> None:
    config = BrokerConfig()
    partitions = Partitions(MetadataImage(), open_store([], node_id=1, now_ms=0), config, 1)
    assert not partitions.reads_records
    config.set_dynamic({}, {"compression.type": "gzip"})
    assert partitions.reads_records

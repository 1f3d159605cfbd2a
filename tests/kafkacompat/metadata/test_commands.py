"""Commands: from an image and a wish to records. Refusals are tested over the wire."""

from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata import commands
from kafkacompat.metadata.commands import NewTopic, Place
from kafkacompat.metadata.image import MetadataImage
from kafkacompat_protocol.metadata_records.topics import (
    PartitionRecord,
    TopicRecord,
)
from tests.kafkacompat.metadata.test_image import ID, built, partition

HERE = Place(1, b"d" * 16)


def test_a_topic_is_its_record_its_configuration_and_its_partitions() -> None:
    wanted = NewTopic("t", 2, 1, configs={"retention.ms": "5"})
    topic, config, *parts = commands.create_topic(MetadataImage(), wanted, BrokerConfig({}), HERE)
    assert (topic.name, config.name, config.value) == ("t", "retention.ms", "5")
    assert [(p.partition_id, p.leader, p.directories) for p in parts] == [
        (0, 1, [b"d" * 16]),
        (1, 1, [b"d" * 16]),
    ]
    assert {p.topic_id for p in parts} == {topic.topic_id}


def test_new_partitions_come_after_those_there_are() -> None:
    image = built(TopicRecord(name="t", topic_id=ID), partition(0))
    made = commands.create_partitions(
        image, image.topics["t"], 3, [[1], [1]], config=BrokerConfig({}), place=HERE
    )
    assert [record.partition_id for record in made] == [1, 2]
    assert all(isinstance(record, PartitionRecord) for record in made)


def test_blocks_of_producer_ids_follow_one_another() -> None:
    image = MetadataImage()
    for expected in (0, 1000, 2000):
        first, records = commands.next_producer_ids(image, 1, 0)
        assert first == expected
        image.apply(records[0])


def test_new_partitions_go_where_they_are_wanted_or_where_the_fewest_are() -> None:
    one, two = b"1" * 16, b"2" * 16
    place = Place(1, one, (one, two), {("t", 3): one})
    image = MetadataImage()
    image.apply(TopicRecord(name="other", topic_id=ID))
    image.apply(commands.new_partition(ID, 0, [1], one))
    chosen = commands.choose_directories(image, "t", range(5), place)
    assert chosen == [two, one, two, one, two]
    assert commands.choose_directories(image, "t", range(2), HERE) == [HERE.directory_id] * 2

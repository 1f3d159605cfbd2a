"""Where new partitions are put."""

from collections import Counter

from kafkacompat.metadata.image import MetadataImage
from kafkacompat.metadata.spreading import spread
from tests.kafkacompat.metadata.test_placement_commands import image_with


def test_leaders_are_spread_over_all_brokers() -> None:
    found = spread(MetadataImage(), {1: None, 2: None, 3: None}, 6, 2)
    assert Counter(replicas[0] for replicas in found) == {1: 2, 2: 2, 3: 2}
    assert all(len(set(replicas)) == 2 for replicas in found)


def test_the_next_topic_begins_where_the_one_before_ended() -> None:
    living = {1: None, 2: None}
    assert spread(MetadataImage(), living, 1, 1) == [[1]]
    assert spread(image_with(), living, 1, 1) == [[2]]


def test_replicas_are_in_different_racks() -> None:
    racks = {1: "a", 2: "a", 3: "b", 4: "b"}
    for replicas in spread(MetadataImage(), racks, 4, 2):
        assert {racks[broker] for broker in replicas} == {"a", "b"}

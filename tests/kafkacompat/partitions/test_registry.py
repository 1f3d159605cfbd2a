"""Finding partitions: opened when asked for, with Kafka's errors otherwise."""

import pytest

from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata.commands import NewTopic, Place, create_topic
from kafkacompat.metadata.election_commands import take_leadership
from kafkacompat.metadata.image import RESOURCE_TOPIC, MetadataImage
from kafkacompat.partitions.registry import Partitions
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.settings import ConfigRecord
from kafkacompat_protocol.metadata_records.topics import PartitionChangeRecord
from kafkacompat_storage.store import open_store
from tests.support.batches import write
from tests.support.produced import NOW_MS, batch

HERE = Place(1, bytes(16))


def registry(**configs: str | None) -> tuple[Partitions, MetadataImage, bytes]:
    image = MetadataImage()
    wanted = NewTopic("t", 2, 1, configs={k.replace("_", "."): v for k, v in configs.items()})
    for record in create_topic(image, wanted, BrokerConfig({}), HERE):
        image.apply(record)
    store = open_store([], node_id=1, now_ms=0)
    return Partitions(image, store, BrokerConfig({}), 1), image, image.topics["t"].topic_id


def code_of(call: object) -> ErrorCode:
    with pytest.raises(KafkaError) as raised:
        call()  # type: ignore[operator]
    return raised.value.code


def test_a_partition_is_opened_once_and_found_by_name_and_id() -> None:
    partitions, _, topic_id = registry()
    assert list(partitions.opened()) == []
    found = partitions.find("t", 1)
    assert partitions.find_by_id(topic_id, 1) is found
    assert list(partitions.opened()) == [found]


def test_what_is_not_there_is_unknown() -> None:
    partitions, _, topic_id = registry()
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert code_of(lambda: partitions.find("missing", 0)) is unknown
    assert code_of(lambda: partitions.find("t", 2)) is unknown
    assert code_of(lambda: partitions.find_by_id(topic_id, 2)) is unknown
    assert code_of(lambda: partitions.find_by_id(bytes(16), 0)) is ErrorCode.UNKNOWN_TOPIC_ID


def test_a_partition_that_another_leads_is_refused_until_we_lead_it() -> None:
    partitions, image, topic_id = registry()
    image.apply(PartitionChangeRecord(partition_id=0, topic_id=topic_id, isr=[], leader=-1))
    assert code_of(lambda: partitions.find("t", 0)) is ErrorCode.NOT_LEADER_OR_FOLLOWER
    topic = image.topics["t"]
    for record in take_leadership(topic, topic.partitions[0], HERE):
        image.apply(record)
    assert partitions.find("t", 0).leader_epoch == 2


def test_a_topics_configuration_becomes_rules() -> None:
    partitions, _, _ = registry(
        cleanup_policy="compact,delete",
        message_timestamp_type="LogAppendTime",
        max_message_bytes="77",
    )
    rules = partitions.rules("t", 0)
    assert (rules.compacted, rules.timestamp_type, rules.max_message_bytes) == (True, 1, 77)


def test_a_removed_topics_partitions_wake_those_who_wait() -> None:
    partitions, image, _ = registry()
    found = partitions.find("t", 0)
    woken: list[bool] = []
    found.wait("w", lambda: woken.append(found.is_leader))
    partitions.remove_topic(image.topics["t"])
    assert woken == [False]
    assert list(partitions.opened()) == []


def test_the_data_of_removed_topics_are_deleted_one_by_one_and_before_a_namesake_is_opened() -> (
    None
):
    partitions, image, topic_id = registry()
    old = partitions.find("t", 0).log
    write(old, memoryview(bytearray(batch(b"x"))), now_ms=NOW_MS, leader_epoch=0)
    partitions.find("t", 1)
    partitions.remove_topic(image.topics["t"])
    image.topics["t"].topic_id = new_id = bytes(15) + b"x"
    assert new_id != topic_id
    assert partitions.find("t", 0).log.end_offset == 0
    assert old.fault is not None
    assert (partitions.delete_one(), partitions.delete_one()) == (True, False)
    assert partitions.find("t", 0).log.fault is None


def test_a_folder_that_cannot_be_deleted_keeps_no_partition_in_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    partitions, image, _ = registry()
    topic = image.topics["t"]
    served = [partitions.find("t", index) for index in (0, 1)]

    def refuse(*place: object) -> None:
        raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR)

    monkeypatch.setattr(partitions._store, "delete", refuse)
    partitions.remove_topic(topic)
    while partitions.delete_one():
        pass
    assert list(partitions.opened()) == []
    assert not any(partition.is_leader for partition in served)


@pytest.mark.parametrize("is_alone", [True, False])
def test_too_few_in_sync_are_noted_but_of_a_broker_alone(is_alone: bool) -> None:
    _, image, topic_id = registry()
    partitions = Partitions(
        image, open_store([], node_id=1, now_ms=0), BrokerConfig({}), 1, is_alone=is_alone
    )
    change = ConfigRecord(
        resource_type=RESOURCE_TOPIC, resource_name="t", name="min.insync.replicas", value="2"
    )
    image.apply(change)
    assert not partitions.find("t", 0).lacks_replicas  # It has one replica.
    image.apply(PartitionChangeRecord(partition_id=0, topic_id=topic_id, replicas=[1, 2]))
    partitions.follow("t", 0)
    assert partitions.find("t", 0).lacks_replicas is not is_alone
    image.apply(PartitionChangeRecord(partition_id=0, topic_id=topic_id, isr=[1, 2]))
    partitions.follow("t", 0)
    assert not partitions.find("t", 0).lacks_replicas

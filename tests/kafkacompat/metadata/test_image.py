"""The image: what each record does to it, and that its records build it again."""

from typing import Any

from kafkacompat.metadata.image import RESOURCE_TOPIC, MetadataImage
from kafkacompat_protocol.metadata_records.brokers import (
    BrokerRegistrationChangeRecord,
    RegisterBrokerRecord,
    UnregisterBrokerRecord,
)
from kafkacompat_protocol.metadata_records.security import (
    AccessControlEntryRecord,
    RemoveUserScramCredentialRecord,
    UserScramCredentialRecord,
)
from kafkacompat_protocol.metadata_records.settings import (
    ClientQuotaRecord,
    ConfigRecord,
    EntityData,
    FeatureLevelRecord,
    NoOpRecord,
    ProducerIdsRecord,
)
from kafkacompat_protocol.metadata_records.topics import (
    PartitionChangeRecord,
    PartitionRecord,
    RemoveTopicRecord,
    TopicRecord,
)

ID = bytes(15) + b"\x05"


def partition(index: int = 0, **fields: Any) -> PartitionRecord:
    return PartitionRecord(
        partition_id=index,
        topic_id=ID,
        replicas=[1],
        isr=[1],
        removing_replicas=[],
        adding_replicas=[],
        leader=1,
        leader_epoch=fields.get("leader_epoch", 0),
        partition_epoch=0,
        directories=[bytes(16)],
    )


def config(value: str | None, name: str = "retention.ms") -> ConfigRecord:
    return ConfigRecord(resource_type=RESOURCE_TOPIC, resource_name="t", name=name, value=value)


def registered() -> RegisterBrokerRecord:
    return RegisterBrokerRecord(
        broker_id=1, incarnation_id=bytes(16), broker_epoch=3, end_points=[], features=[], rack=None
    )


def built(*records: Any) -> MetadataImage:
    image = MetadataImage()
    for record in records:
        image.apply(record)
    return image


def test_a_topic_with_its_partitions_is_found_by_name_and_id() -> None:
    image = built(TopicRecord(name="t", topic_id=ID), partition(0), partition(1))
    assert image.topics["t"] is image.topics_by_id[ID]
    state = image.partition("t", 1)
    assert state is not None
    assert (state.leader, state.leader_epoch, state.isr) == (1, 0, [1])
    assert image.partition("t", 2) is image.partition("u", 0) is None


def test_a_change_of_leader_raises_the_epochs() -> None:
    image = built(TopicRecord(name="t", topic_id=ID), partition())
    image.apply(PartitionChangeRecord(partition_id=0, topic_id=ID, isr=[], leader=-1))
    image.apply(PartitionChangeRecord(partition_id=0, topic_id=ID, isr=[1]))
    state = image.topics["t"].partitions[0]
    assert (state.leader, state.leader_epoch, state.isr) == (-1, 1, [1])
    assert state.record.partition_epoch == 2
    assert state.replicas == [1]


def test_a_removed_topic_takes_its_configuration_with_it() -> None:
    image = built(TopicRecord(name="t", topic_id=ID), partition(), config("5"))
    image.apply(RemoveTopicRecord(topic_id=ID))
    assert (image.topics, image.topics_by_id, image.configs) == ({}, {}, {})


def test_configurations_are_set_and_unset() -> None:
    image = built(config("5"), config("compact", "cleanup.policy"), config(None))
    assert image.config(RESOURCE_TOPIC, "t") == {"cleanup.policy": "compact"}
    assert image.config(RESOURCE_TOPIC, "u") == {}


def test_features_brokers_and_producer_ids_are_kept() -> None:
    image = built(
        FeatureLevelRecord(name="a", feature_level=2),
        FeatureLevelRecord(name="b", feature_level=1),
        FeatureLevelRecord(name="b", feature_level=0),
        ProducerIdsRecord(broker_id=1, broker_epoch=0, next_producer_id=1000),
        registered(),
        BrokerRegistrationChangeRecord(broker_id=1, broker_epoch=3, fenced=-1),
        NoOpRecord(),
    )
    assert image.features == {"a": 2}
    assert image.producer_ids is not None
    assert image.producer_ids.next_producer_id == 1000
    assert not image.brokers[1].fenced
    image.apply(UnregisterBrokerRecord(broker_id=1, broker_epoch=3))
    assert image.brokers == {}


def test_the_records_of_an_image_build_it_again() -> None:
    acl = AccessControlEntryRecord(
        id=bytes(16),
        resource_type=2,
        resource_name="t",
        pattern_type=3,
        principal="User:x",
        host="*",
        operation=3,
        permission_type=3,
    )
    image = built(
        TopicRecord(name="t", topic_id=ID),
        partition(0, leader_epoch=4),
        partition(1),
        config("5"),
        FeatureLevelRecord(name="metadata.version", feature_level=21),
        registered(),
        ProducerIdsRecord(broker_id=1, broker_epoch=0, next_producer_id=1000),
        acl,
    )
    again = built(*image.records())
    assert list(again.records()) == list(image.records())
    assert again.topics == image.topics
    assert again.kept == [acl]


def test_records_about_what_is_not_there_change_nothing() -> None:
    image = built(
        partition(),
        PartitionChangeRecord(partition_id=0, topic_id=ID, leader=1),
        RemoveTopicRecord(topic_id=ID),
        BrokerRegistrationChangeRecord(broker_id=9, broker_epoch=0, fenced=1),
    )
    assert list(image.records()) == []


def test_quotas_and_credentials_come_and_go() -> None:
    user = [EntityData(entity_type="user", entity_name=None)]
    image = built(
        ClientQuotaRecord(entity=user, key="a", value=1.5, remove=False),
        ClientQuotaRecord(entity=user, key="b", value=2.5, remove=False),
        ClientQuotaRecord(entity=user, key="a", value=0.0, remove=True),
        credential("u", 1),
        credential("u", 2),
        RemoveUserScramCredentialRecord(name="u", mechanism=1),
    )

    assert image.quotas == {frozenset({("user", None)}): {"b": 2.5}}
    assert image.credentials == {("u", 2): credential("u", 2)}
    again = built(*image.records())
    assert (again.quotas, again.credentials) == (image.quotas, image.credentials)

    image.apply(ClientQuotaRecord(entity=user, key="b", value=0.0, remove=True))
    assert image.quotas == {}


def credential(user: str, mechanism: int) -> UserScramCredentialRecord:
    return UserScramCredentialRecord(
        name=user,
        mechanism=mechanism,
        salt=b"s",
        stored_key=b"k",
        server_key=b"v",
        iterations=4096,
    )


def test_a_copy_goes_its_own_way() -> None:
    image = built(TopicRecord(name="t", topic_id=ID), partition(0))
    image.apply(ConfigRecord(resource_type=2, resource_name="t", name="a", value="1"))
    image.apply(RegisterBrokerRecord(broker_id=1, broker_epoch=3, rack=None, fenced=False))
    entity = [EntityData(entity_type="user", entity_name="u")]
    image.apply(ClientQuotaRecord(entity=entity, key="k", value=1.0, remove=False))
    made = image.copy()
    assert list(made.records()) == list(image.records())
    before = list(image.records())
    made.apply(partition(1))
    made.apply(ConfigRecord(resource_type=2, resource_name="t", name="a", value="2"))
    made.apply(BrokerRegistrationChangeRecord(broker_id=1, broker_epoch=3, fenced=1))
    made.apply(ClientQuotaRecord(entity=entity, key="k", value=2.0, remove=False))
    made.apply(TopicRecord(name="u", topic_id=b"u" * 16))
    assert len(list(made.records())) == len(before) + 2
    assert list(image.records()) == before
    assert not image.brokers[1].fenced

"""Records of settings, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.metadata_records.settings import (
    ClientQuotaRecord,
    ConfigRecord,
    EntityData,
    FeatureLevelRecord,
    NoOpRecord,
    ProducerIdsRecord,
    ZkMigrationStateRecord,
)
from tests.support.encoded import assert_encoded


def test_a_configuration() -> None:
    value = ConfigRecord(resource_type=2, resource_name="t", name="retention.ms", value="1000")

    # Kafka 4.3.1
    assert_encoded(value, 0, "0202740d726574656e74696f6e2e6d73053130303000")


def test_a_configuration_that_is_deleted() -> None:
    value = ConfigRecord(resource_type=2, resource_name="t", name="retention.ms", value=None)

    # Kafka 4.3.1
    assert_encoded(value, 0, "0202740d726574656e74696f6e2e6d730000")


def test_a_quota() -> None:
    value = ClientQuotaRecord(
        entity=[EntityData(entity_type="user", entity_name=None)],
        key="producer_byte_rate",
        value=1024.5,
        remove=False,
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        0,
        "02057573657200001370726f64756365725f627974655f7261746540900200000000000000",
    )


def test_a_feature_level() -> None:
    value = FeatureLevelRecord(name="metadata.version", feature_level=25)

    # Kafka 4.3.1
    assert_encoded(value, 0, "116d657461646174612e76657273696f6e001900")


def test_a_block_of_producer_ids() -> None:
    value = ProducerIdsRecord(broker_id=1, broker_epoch=5, next_producer_id=1000)

    # Kafka 4.3.1
    assert_encoded(value, 0, "00000001000000000000000500000000000003e800")


def test_nothing() -> None:
    value = NoOpRecord()

    # Kafka 4.3.1
    assert_encoded(value, 0, "00")


def test_the_move_from_zookeeper() -> None:
    value = ZkMigrationStateRecord(zk_migration_state=3)

    # Kafka 4.3.1
    assert_encoded(value, 0, "0300")

"""Records of brokers, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.metadata_records.brokers import (
    BrokerEndpoint,
    BrokerFeature,
    BrokerRegistrationChangeRecord,
    ControllerEndpoint,
    ControllerFeature,
    FenceBrokerRecord,
    RegisterBrokerRecord,
    RegisterControllerRecord,
    UnfenceBrokerRecord,
    UnregisterBrokerRecord,
)
from tests.support.encoded import assert_encoded


def test_a_broker_that_registers() -> None:
    value = RegisterBrokerRecord(
        broker_id=1,
        incarnation_id=bytes(range(16)),
        broker_epoch=5,
        end_points=[BrokerEndpoint(name="PLAINTEXT", host="h", port=9092, security_protocol=0)],
        features=[
            BrokerFeature(
                name="metadata.version", min_supported_version=7, max_supported_version=25
            )
        ],
        rack=None,
        fenced=True,
        log_dirs=[bytes(range(16))],
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        3,
        "0000000100000102030405060708090a0b0c0d0e0f0000000000000005020a50"
        "4c41494e544558540268238400000002116d657461646174612e76657273696f"
        "6e000700190000010001001102000102030405060708090a0b0c0d0e0f",
    )


def test_a_broker_that_leaves() -> None:
    value = UnregisterBrokerRecord(broker_id=1, broker_epoch=5)

    # Kafka 4.3.1
    assert_encoded(value, 0, "00000001000000000000000500")


def test_a_fenced_broker() -> None:
    value = FenceBrokerRecord(id=1, epoch=5)

    # Kafka 4.3.1
    assert_encoded(value, 0, "00000001000000000000000500")


def test_an_unfenced_broker() -> None:
    value = UnfenceBrokerRecord(id=1, epoch=5)

    # Kafka 4.3.1
    assert_encoded(value, 0, "00000001000000000000000500")


def test_a_changed_registration() -> None:
    value = BrokerRegistrationChangeRecord(broker_id=1, broker_epoch=5, fenced=-1)

    # Kafka 4.3.1
    assert_encoded(value, 2, "000000010000000000000005010001ff")


def test_a_controller_that_registers() -> None:
    value = RegisterControllerRecord(
        controller_id=1,
        incarnation_id=bytes(range(16)),
        zk_migration_ready=False,
        end_points=[
            ControllerEndpoint(name="CONTROLLER", host="h", port=9093, security_protocol=0)
        ],
        features=[
            ControllerFeature(
                name="kraft.version", min_supported_version=0, max_supported_version=1
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        0,
        "00000001000102030405060708090a0b0c0d0e0f00020b434f4e54524f4c4c45"
        "5202682385000000020e6b726166742e76657273696f6e000000010000",
    )

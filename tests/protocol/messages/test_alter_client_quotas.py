"""AlterClientQuotas, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.alter_client_quotas import (
    AlterClientQuotasRequest,
    AlterClientQuotasResponse,
    AlteredEntry,
    EntityData,
    EntryData,
    OpData,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    value = AlterClientQuotasRequest(
        entries=[
            EntryData(
                entity=[EntityData(entity_type="user", entity_name="u")],
                ops=[OpData(key="k", value=1.5, remove=True)],
            )
        ],
        validate_only=True,
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "00000001000000010004757365720001750000000100016b3ff80000000000000101")


def test_the_last_request() -> None:
    value = AlterClientQuotasRequest(
        entries=[
            EntryData(
                entity=[EntityData(entity_type="user", entity_name="u")],
                ops=[OpData(key="k", value=1.5, remove=True)],
            )
        ],
        validate_only=True,
    )

    # Kafka 4.3.1
    assert_encoded(value, 1, "0202057573657202750002026b3ff80000000000000100000100")


def test_the_first_response() -> None:
    value = AlterClientQuotasResponse(
        entries=[
            AlteredEntry(
                error_code=42,
                error_message="no",
                entity=[EntityData(entity_type="user", entity_name=None)],
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "0000000000000001002a00026e6f00000001000475736572ffff")


def test_the_last_response() -> None:
    value = AlterClientQuotasResponse(
        entries=[
            AlteredEntry(
                error_code=42,
                error_message="no",
                entity=[EntityData(entity_type="user", entity_name=None)],
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(value, 1, "0000000002002a036e6f02057573657200000000")

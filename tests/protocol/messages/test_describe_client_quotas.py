"""DescribeClientQuotas, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.describe_client_quotas import (
    ComponentData,
    DescribeClientQuotasRequest,
    DescribeClientQuotasResponse,
    EntityData,
    EntryData,
    ValueData,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    value = DescribeClientQuotasRequest(
        components=[ComponentData(entity_type="user", match_type=1, match=None)], strict=True
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "0000000100047573657201ffff01")


def test_the_last_request() -> None:
    value = DescribeClientQuotasRequest(
        components=[ComponentData(entity_type="user", match_type=1, match=None)], strict=True
    )

    # Kafka 4.3.1
    assert_encoded(value, 1, "0205757365720100000100")


def test_the_first_response() -> None:
    value = DescribeClientQuotasResponse(
        error_code=0,
        error_message=None,
        entries=[
            EntryData(
                entity=[EntityData(entity_type="user", entity_name=None)],
                values=[ValueData(key="k", value=1.5)],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        value, 0, "000000000000ffff0000000100000001000475736572ffff0000000100016b3ff8000000000000"
    )


def test_the_last_response() -> None:
    value = DescribeClientQuotasResponse(
        error_code=0,
        error_message=None,
        entries=[
            EntryData(
                entity=[EntityData(entity_type="user", entity_name=None)],
                values=[ValueData(key="k", value=1.5)],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(value, 1, "0000000000000002020575736572000002026b3ff8000000000000000000")

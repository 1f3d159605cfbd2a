"""Quotas of clients: codes and messages are those of Kafka 4.3.1."""

import math

import pytest

from kafkacompat.metadata.image import MetadataImage
from kafkacompat.metadata.quota_commands import Component, MatchType, alter_quotas, find_quotas
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.settings import ClientQuotaRecord, EntityData
from tests.kafkacompat.metadata.test_image import built

EXACT, DEFAULT, ANY = MatchType
Entity = dict[str, str | None]


def quota(entity: Entity, key: str, value: float, *, remove: bool = False) -> ClientQuotaRecord:
    parts = [EntityData(entity_type=kind, entity_name=name) for kind, name in entity.items()]
    return ClientQuotaRecord(entity=parts, key=key, value=value, remove=remove)


IMAGE = built(
    quota({"user": "u"}, "producer_byte_rate", 10.0),
    quota({"user": None}, "producer_byte_rate", 20.0),
    quota({"client-id": "c", "user": "u"}, "request_percentage", 30.0),
    quota({"ip": None}, "connection_creation_rate", 40.0),
)


def test_quotas_are_set_and_taken_back() -> None:
    changes = {"producer_byte_rate": None, "consumer_byte_rate": 7.0, "request_percentage": None}

    assert alter_quotas(IMAGE, {"user": "u"}, changes, is_host=True) == [
        quota({"user": "u"}, "producer_byte_rate", 0.0, remove=True),
        quota({"user": "u"}, "consumer_byte_rate", 7.0),
    ]


def test_a_quota_that_is_so_already_is_not_written() -> None:
    assert alter_quotas(IMAGE, {"user": "u"}, {"producer_byte_rate": 10.0}, is_host=True) == []


@pytest.mark.parametrize(
    ("entity", "key", "value", "message"),
    [
        ({}, "producer_byte_rate", 1, "Invalid empty client quota entity"),
        ({"x": "y"}, "producer_byte_rate", 1, "Unhandled client quota entity type: x"),
        ({"user": ""}, "producer_byte_rate", 1, "Empty user not supported"),
        (
            *({"ip": "::1", "user": "u"}, "producer_byte_rate", 1),
            "Invalid quota entity combination, IP entity shouldnot be combined with User or"
            " ClientId",
        ),
        ({"ip": "::1"}, "producer_byte_rate", 1, "Invalid configuration key producer_byte_rate"),
        (
            *({"user": "u"}, "connection_creation_rate", 1),
            "Invalid configuration key connection_creation_rate",
        ),
        (
            *({"user": "u"}, "producer_byte_rate", 0),
            "Quota producer_byte_rate must be greater than 0",
        ),
        (
            *({"user": "u"}, "request_percentage", math.nan),
            "Quota request_percentage must be greater than 0",
        ),
        (
            *({"user": "u"}, "producer_byte_rate", 1.5),
            "producer_byte_rate cannot be a fractional value.",
        ),
        (
            *({"user": "u"}, "producer_byte_rate", math.inf),
            "Proposed value for producer_byte_rate is too large for a LONG.",
        ),
        (
            *({"ip": "::1"}, "connection_creation_rate", 3e9),
            "Proposed value for connection_creation_rate is too large for an INT.",
        ),
    ],
)
def test_a_quota_that_cannot_be_is_refused_in_kafkas_words(
    entity: Entity, key: str, value: float, message: str
) -> None:
    with pytest.raises(KafkaError) as caught:
        alter_quotas(IMAGE, entity, {key: value}, is_host=True)
    assert (caught.value.code, caught.value.message) == (ErrorCode.INVALID_REQUEST, message)


def test_an_address_that_nobody_finds_is_refused() -> None:
    changes = {"connection_creation_rate": 1.0}
    assert alter_quotas(IMAGE, {"ip": None}, changes, is_host=False) != []
    with pytest.raises(KafkaError) as caught:
        alter_quotas(IMAGE, {"ip": "n"}, changes, is_host=False)
    assert caught.value.message == "n is not a valid IP or resolvable host."


def found(*components: Component, strict: bool = False) -> list[Entity]:
    return [dict(entity) for entity, _ in find_quotas(IMAGE, components, strict=strict)]


def test_filters_find_entities() -> None:
    user, all_users, both = {"user": "u"}, {"user": None}, {"client-id": "c", "user": "u"}

    assert found() == [user, all_users, both, {"ip": None}]
    assert found(strict=True) == []
    assert found(Component("user", EXACT, "u")) == [user, both]
    assert found(Component("user", EXACT, "u"), strict=True) == [user]
    assert found(Component("user", DEFAULT, None)) == [all_users]
    assert found(Component("user", ANY, None)) == [user, all_users, both]
    assert found(Component("client-id", ANY, None), Component("user", EXACT, "u")) == [both]


@pytest.mark.parametrize(
    ("components", "code", "message"),
    [
        ([("", EXACT, "x")], 42, "Invalid empty entity type."),
        ([("x", EXACT, "x")], 35, "Unsupported entity type x"),
        ([("user", 3, None)], 42, "Unknown match type 3"),
        (
            [("user", EXACT, None)],
            42,
            "Request specified MATCH_TYPE_EXACT, but set match string to null.",
        ),
        (
            [("user", DEFAULT, "x")],
            42,
            "Request specified MATCH_TYPE_DEFAULT, but also specified a match string.",
        ),
        (
            [("user", ANY, "x")],
            42,
            "Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.",
        ),
        (
            [("user", EXACT, "u"), ("user", EXACT, "v")],
            42,
            "Entity type user cannot appear more than once in the filter.",
        ),
        (
            [("user", EXACT, "u"), ("ip", EXACT, "v")],
            42,
            "Invalid entity filter component combination. IP filter component should not be used"
            " with user or clientId filter component.",
        ),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_in_kafkas_words(
    components: list[tuple[str, int, str | None]], code: int, message: str
) -> None:
    with pytest.raises(KafkaError) as caught:
        find_quotas(MetadataImage(), [Component(*each) for each in components], strict=False)
    assert (caught.value.code, caught.value.message) == (code, message)

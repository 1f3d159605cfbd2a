"""Quotas of clients: from an image and a wish to records, or to those that a filter finds. Pure.

They are kept and shown; nothing is held back by them yet.

Spec: KIP-546, KIP-612 (of addresses), KIP-599 (of mutations).
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple, NoReturn

from kafkacompat.metadata.image import MetadataImage, QuotaEntity
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.settings import ClientQuotaRecord, EntityData

USER, CLIENT_ID, IP = "user", "client-id", "ip"
ENTITY_TYPES = (USER, CLIENT_ID, IP)
LARGEST = {"INT": (1 << 31) - 1, "LONG": (1 << 63) - 1}
OF_CLIENTS: Mapping[str, str] = {
    "producer_byte_rate": "LONG",
    "consumer_byte_rate": "LONG",
    "request_percentage": "DOUBLE",
    "controller_mutation_rate": "DOUBLE",
}
OF_ADDRESSES: Mapping[str, str] = {"connection_creation_rate": "INT"}
_EPSILON = 1e-6


class MatchType(IntEnum):
    """What a filter wants of a part of an entity."""

    EXACT = 0
    DEFAULT = 1
    ANY = 2


class Component(NamedTuple):
    """What a filter wants of one type."""

    entity_type: str
    match_type: int
    match: str | None


def shown(entity: Sequence[tuple[str, str | None]]) -> str:
    """Return an entity as Apache Kafka writes it into messages."""
    parts = ", ".join(f"{kind}={'null' if name is None else name}" for kind, name in entity)
    return f"ClientQuotaEntity(entries={{{parts}}})"


def alter_quotas(
    image: MetadataImage,
    entity: Mapping[str, str | None],
    changes: Mapping[str, float | None],
    *,
    is_host: bool,
) -> list[Any]:
    """Return the records of changes to an entity's quotas; None takes one back.

    `is_host` says whether an address there is one that can be found.

    Errors: INVALID_REQUEST.
    """
    _check_entity(entity)
    kinds = OF_ADDRESSES if IP in entity else OF_CLIENTS
    if IP in entity and entity[IP] is not None and not is_host:
        _refuse(f"{entity[IP]} is not a valid IP or resolvable host.")
    for key, value in changes.items():
        if value is not None:
            _check_limit(kinds, key, value)
    before = image.quotas.get(frozenset(entity.items()), {})
    parts = [EntityData(entity_type=kind, entity_name=name) for kind, name in entity.items()]
    return [
        ClientQuotaRecord(
            entity=parts, key=key, value=0.0 if value is None else value, remove=value is None
        )
        for key, value in changes.items()
        if value != before.get(key)
    ]


def _check_entity(entity: Mapping[str, str | None]) -> None:
    if not entity:
        _refuse("Invalid empty client quota entity")
    for kind, name in entity.items():
        if kind not in ENTITY_TYPES:
            _refuse(f"Unhandled client quota entity type: {kind}")
        if name == "":
            _refuse(f"Empty {kind} not supported")
    if IP in entity and len(entity) > 1:
        _refuse(
            "Invalid quota entity combination, IP entity shouldnot be combined with User or"
            " ClientId"
        )


def _check_limit(kinds: Mapping[str, str], key: str, value: float) -> None:
    kind = kinds.get(key)
    if kind is None:
        _refuse(f"Invalid configuration key {key}")
    if not value > 0:
        _refuse(f"Quota {key} must be greater than 0")
    if kind in LARGEST:
        if value > LARGEST[kind]:
            article = "an" if kind == "INT" else "a"
            _refuse(f"Proposed value for {key} is too large for {article} {kind}.")
        if abs(int(value + _EPSILON) - value) > _EPSILON:
            _refuse(f"{key} cannot be a fractional value.")


def find_quotas(
    image: MetadataImage, components: Sequence[Component], *, strict: bool
) -> list[tuple[QuotaEntity, dict[str, float]]]:
    """Return the entities that a filter finds; `strict`: those that have no other parts.

    Errors: INVALID_REQUEST, UNSUPPORTED_VERSION.
    """
    _check_filter(components)
    found = []
    for entity, limits in image.quotas.items():
        names = dict(entity)
        if strict and len(names) != len(components):
            continue
        if all(_matches(names, component) for component in components):
            found.append((entity, limits))
    return found


def _matches(names: Mapping[str, str | None], component: Component) -> bool:
    if component.entity_type not in names:
        return False
    if component.match_type == MatchType.ANY:
        return True
    return names[component.entity_type] == component.match


def _check_filter(components: Sequence[Component]) -> None:
    seen: set[str] = set()
    for kind, match_type, match in components:
        if not kind:
            _refuse("Invalid empty entity type.")
        if kind in seen:
            _refuse(f"Entity type {kind} cannot appear more than once in the filter.")
        if kind not in ENTITY_TYPES:
            raise KafkaError(ErrorCode.UNSUPPORTED_VERSION, f"Unsupported entity type {kind}")
        seen.add(kind)
        if match_type == MatchType.EXACT and match is None:
            _refuse("Request specified MATCH_TYPE_EXACT, but set match string to null.")
        if match_type == MatchType.DEFAULT and match is not None:
            _refuse("Request specified MATCH_TYPE_DEFAULT, but also specified a match string.")
        if match_type == MatchType.ANY and match is not None:
            _refuse("Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.")
        if match_type not in tuple(MatchType):
            _refuse(f"Unknown match type {match_type}")
    if IP in seen and len(seen) > 1:
        _refuse(
            "Invalid entity filter component combination. IP filter component should not be used"
            " with user or clientId filter component."
        )


def _refuse(message: str) -> NoReturn:
    raise KafkaError(ErrorCode.INVALID_REQUEST, message)

"""AlterClientQuotas (key 49): set quotas of clients, and take them back (KIP-546).

v1 differs in form only.
"""

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Mapping
from functools import partial

from kafkacompat.handlers.config_resources import CLUSTER
from kafkacompat.metadata.quota_commands import IP, alter_quotas, shown
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.alter_client_quotas import (
    AlterClientQuotasRequest,
    AlterClientQuotasResponse,
    AlteredEntry,
    EntityData,
    EntryData,
)

MAX_LOOKUPS = 10
"""Names that are looked up for one request."""


def refuse(
    request: AlterClientQuotasRequest, code: ErrorCode, message: str | None
) -> AlterClientQuotasResponse:
    """Answer every entity with one error."""
    error = KafkaError(code, message)
    return AlterClientQuotasResponse(
        entries=[_told(_entity(entry), error) for entry in request.entries]
    )


@handles(
    AlterClientQuotasRequest,
    versions="0-1",
    authorise=needs(Operation.ALTER_CONFIGS, Resource.CLUSTER),
    refuse=refuse,
)
async def alter_client_quotas(
    call: Call, request: AlterClientQuotasRequest
) -> AlterClientQuotasResponse:
    """Change the quotas of each entity, all or none.

    Errors: CLUSTER_AUTHORIZATION_FAILED; per entity, those of `alter_quotas`; KAFKA_STORAGE_ERROR.
    """
    code = call.check(Operation.ALTER_CONFIGS, Resource.CLUSTER, CLUSTER)
    if code:
        raise KafkaError(code)
    entities = [_entity(entry) for entry in request.entries]
    often = Counter(frozenset(entity.items()) for entity in entities)
    told: dict[frozenset[tuple[str, str | None]], AlteredEntry] = {}
    lookups = 0
    for entity, entry in zip(entities, request.entries, strict=True):
        key = frozenset(entity.items())
        address = entity.get(IP)
        is_name = address is not None and not _is_literal(address)
        if key not in told and is_name:
            lookups += 1
        try:
            is_twice = len({each.key for each in entry.ops}) < len(entry.ops)
            if often[key] > 1 or is_twice:
                duplicate = f"Ignoring duplicate entity {shown(list(entity.items()))}"
                raise KafkaError(ErrorCode.INVALID_REQUEST, duplicate)
            is_host = not (address and is_name)
            if address and is_name and lookups <= MAX_LOOKUPS:
                is_host = await _is_host(address)
            await _alter(call, entity, entry, is_host=is_host, validate_only=request.validate_only)
        except KafkaError as error:
            told[key] = _told(entity, error)
        else:
            told[key] = _told(entity, None)
    return AlterClientQuotasResponse(entries=list(told.values()))


async def _alter(
    call: Call,
    entity: Mapping[str, str | None],
    entry: EntryData,
    *,
    is_host: bool,
    validate_only: bool,
) -> None:
    changes = {each.key: None if each.remove else each.value for each in entry.ops}
    command = partial(alter_quotas, entity=entity, changes=changes, is_host=is_host)
    if validate_only:
        command(call.node.image)
    else:
        await call.node.controller.carry_out(command)


def _is_literal(address: str) -> bool:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True


async def _is_host(name: str) -> bool:
    """Whether there is a host of a name; it is looked up in a thread."""
    try:
        return bool(await asyncio.get_running_loop().getaddrinfo(name, None))
    except (OSError, ValueError):
        return False


def _entity(entry: EntryData) -> dict[str, str | None]:
    parts = {part.entity_type: part.entity_name for part in entry.entity}
    return {kind: parts[kind] for kind in sorted(parts)}


def _told(entity: Mapping[str, str | None], error: KafkaError | None) -> AlteredEntry:
    return AlteredEntry(
        error_code=ErrorCode.NONE if error is None else error.code,
        error_message=None if error is None else error.message,
        entity=[EntityData(entity_type=kind, entity_name=name) for kind, name in entity.items()],
    )

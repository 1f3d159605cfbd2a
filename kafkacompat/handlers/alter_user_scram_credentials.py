"""AlterUserScramCredentials (key 51): set and delete SCRAM credentials of users (KIP-554).

There is one version.
"""

from typing import Any

from kafkacompat.handlers.config_resources import CLUSTER
from kafkacompat.metadata.image import MetadataImage
from kafkacompat.metadata.scram_commands import Wish, alter_credentials
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    AlterUserScramCredentialsResult,
)


def refuse(
    request: AlterUserScramCredentialsRequest, code: ErrorCode, message: str | None
) -> AlterUserScramCredentialsResponse:
    """Answer every user with one error."""
    users = dict.fromkeys(each.name for each in request.deletions)
    users |= dict.fromkeys(each.name for each in request.upsertions)
    error = KafkaError(code, message)
    return AlterUserScramCredentialsResponse(results=[_told(user, error) for user in users])


@handles(
    AlterUserScramCredentialsRequest,
    versions="0",
    authorise=needs(Operation.ALTER, Resource.CLUSTER),
    refuse=refuse,
)
async def alter_user_scram_credentials(
    call: Call, request: AlterUserScramCredentialsRequest
) -> AlterUserScramCredentialsResponse:
    """Change what can be changed, all of it or nothing.

    Errors: CLUSTER_AUTHORIZATION_FAILED, KAFKA_STORAGE_ERROR; per user, those of
    `alter_credentials`.
    """
    code = call.check(Operation.ALTER, Resource.CLUSTER, CLUSTER)
    if code:
        raise KafkaError(code)
    wishes = [Wish(each.name, each.mechanism) for each in request.deletions]
    wishes += [
        Wish(each.name, each.mechanism, each.iterations, each.salt, each.salted_password)
        for each in request.upsertions
    ]
    told: dict[str, KafkaError | None] = {}

    def command(image: MetadataImage) -> list[Any]:
        records, errors = alter_credentials(image, wishes)
        told.update(errors)
        return records

    await call.node.controller.carry_out(command)
    return AlterUserScramCredentialsResponse(
        results=[_told(user, error) for user, error in told.items()]
    )


def _told(user: str, error: KafkaError | None) -> AlterUserScramCredentialsResult:
    return AlterUserScramCredentialsResult(
        user=user,
        error_code=ErrorCode.NONE if error is None else error.code,
        error_message=None if error is None else error.message,
    )

"""DescribeUserScramCredentials (key 50): say which SCRAM credentials users have (KIP-554).

There is one version. Salts, keys and passwords are not shown.
"""

from collections import Counter

from kafkacompat.handlers.config_resources import CLUSTER
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.describe_user_scram_credentials import (
    CredentialInfo,
    DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
    DescribeUserScramCredentialsResult,
)


@handles(
    DescribeUserScramCredentialsRequest,
    versions="0",
    authorise=needs(Operation.DESCRIBE, Resource.CLUSTER),
)
def describe_user_scram_credentials(
    call: Call, request: DescribeUserScramCredentialsRequest
) -> DescribeUserScramCredentialsResponse:
    """Show mechanisms and iterations of users; no list, or an empty one, stands for all of them.

    Errors: CLUSTER_AUTHORIZATION_FAILED; per user, RESOURCE_NOT_FOUND, DUPLICATE_RESOURCE.
    """
    code = call.check(Operation.DESCRIBE, Resource.CLUSTER, CLUSTER)
    if code:
        raise KafkaError(code)
    known: dict[str, list[CredentialInfo]] = {}
    for (user, mechanism), credential in sorted(call.node.image.credentials.items()):
        info = CredentialInfo(mechanism=mechanism, iterations=credential.iterations)
        known.setdefault(user, []).append(info)
    asked = Counter(each.name for each in request.users or ())
    wanted = asked or dict.fromkeys(known, 1)
    return DescribeUserScramCredentialsResponse(
        error_code=0,
        error_message="",
        results=[_told(user, known, times) for user, times in wanted.items()],
    )


def _told(
    user: str, known: dict[str, list[CredentialInfo]], times: int
) -> DescribeUserScramCredentialsResult:
    code, message = ErrorCode.NONE, ""
    if times > 1:
        code = ErrorCode.DUPLICATE_RESOURCE
        message = (
            f"Cannot describe SCRAM credentials for the same user twice in a single request: {user}"
        )
    elif user not in known:
        code = ErrorCode.RESOURCE_NOT_FOUND
        message = f"Attempt to describe a user credential that does not exist: {user}"
    return DescribeUserScramCredentialsResult(
        user=user,
        error_code=code,
        error_message=message,
        credential_infos=[] if code else known[user],
    )

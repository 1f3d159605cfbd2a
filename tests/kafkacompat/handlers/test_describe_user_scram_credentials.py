"""DescribeUserScramCredentials over the wire."""

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_user_scram_credentials import (
    DescribeUserScramCredentialsRequest,
    UserName,
)
from tests.kafkacompat.handlers.test_alter_user_scram_credentials import alter, upsertion
from tests.support.node import RunningNode, running_node

Told = list[tuple[str, int, list[tuple[int, int]]]]


def described(broker: RunningNode, *users: str, everyone: bool = False) -> Told:
    names = None if everyone else [UserName(name=user) for user in users]
    told = broker.call(DescribeUserScramCredentialsRequest(users=names), 0)
    assert (told.error_code, told.error_message) == (0, "")
    return [
        (each.user, each.error_code, [(c.mechanism, c.iterations) for c in each.credential_infos])
        for each in told.results
    ]


def test_users_show_mechanisms_and_iterations() -> None:
    with running_node() as broker:
        alter(broker, upsertion("u"), upsertion("v", 2, 8192))
        alter(broker, upsertion("u", 2))
        both = [("u", 0, [(1, 4096), (2, 4096)]), ("v", 0, [(2, 8192)])]

        assert described(broker) == both
        assert described(broker, everyone=True) == both
        assert described(broker, "v", "nobody", "u", "u") == [
            ("v", 0, [(2, 8192)]),
            ("nobody", ErrorCode.RESOURCE_NOT_FOUND, []),
            ("u", ErrorCode.DUPLICATE_RESOURCE, []),
        ]

"""AlterUserScramCredentials over the wire."""

from pathlib import Path

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    ScramCredentialDeletion,
    ScramCredentialUpsertion,
)
from tests.support.node import RunningNode, running_node


def upsertion(user: str, mechanism: int = 1, iterations: int = 4096) -> ScramCredentialUpsertion:
    return ScramCredentialUpsertion(
        name=user,
        mechanism=mechanism,
        iterations=iterations,
        salt=b"salt",
        salted_password=b"secret",
    )


def alter(
    broker: RunningNode, *upsertions: ScramCredentialUpsertion, gone: tuple[str, ...] = ()
) -> dict[str, int]:
    request = AlterUserScramCredentialsRequest(
        deletions=[ScramCredentialDeletion(name=user, mechanism=1) for user in gone],
        upsertions=list(upsertions),
    )
    return {each.user: each.error_code for each in broker.call(request, 0).results}


def users(broker: RunningNode) -> list[tuple[str, int]]:
    return broker.run(lambda: sorted(broker.node.image.credentials))


def test_credentials_are_set_and_deleted() -> None:
    with running_node() as broker:
        assert alter(broker, upsertion("u"), upsertion("v", 2)) == {"u": 0, "v": 0}
        assert users(broker) == [("u", 1), ("v", 2)]
        assert alter(broker, gone=("u",)) == {"u": 0}
        assert users(broker) == [("v", 2)]


def test_each_user_is_answered_for_himself() -> None:
    with running_node() as broker:
        assert alter(broker, upsertion("u"), upsertion("v", iterations=1), gone=("w",)) == {
            "w": ErrorCode.RESOURCE_NOT_FOUND,
            "u": 0,
            "v": ErrorCode.UNACCEPTABLE_CREDENTIAL,
        }
        assert users(broker) == [("u", 1)]


def test_a_credential_is_there_after_a_restart_and_in_snapshots(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk) as broker:
        alter(broker, upsertion("u"), upsertion("v"))
        alter(broker, gone=("v",))
        kept = broker.run(lambda: broker.node.image.credentials["u", 1])
        broker.run(lambda: broker.node.metadata_log.write_snapshot(0))
    assert b"secret" not in b"".join(
        path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()
    )
    with running_node(on_disk) as broker:
        assert broker.run(lambda: broker.node.image.credentials) == {("u", 1): kept}

"""AlterClientQuotas over the wire."""

from pathlib import Path

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.alter_client_quotas import (
    AlterClientQuotasRequest,
    EntityData,
    EntryData,
    OpData,
)
from tests.support.node import RunningNode, running_node


def entry(entity: dict[str, str | None], **limits: float | None) -> EntryData:
    return EntryData(
        entity=[EntityData(entity_type=k, entity_name=v) for k, v in entity.items()],
        ops=[
            OpData(key=key, value=value or 0.0, remove=value is None)
            for key, value in limits.items()
        ],
    )


def alter(
    broker: RunningNode, *entries: EntryData, version: int = 1, validate_only: bool = False
) -> list[tuple[int, str | None]]:
    request = AlterClientQuotasRequest(entries=list(entries), validate_only=validate_only)
    told = broker.call(request, version).entries
    return [(each.error_code, each.error_message) for each in told]


def limits(broker: RunningNode, **entity: str | None) -> dict[str, float]:
    return dict(broker.run(lambda: broker.node.image.quotas.get(frozenset(entity.items()), {})))


@pytest.mark.parametrize("version", [0, 1])
def test_a_quota_is_set_and_taken_back(broker: RunningNode, version: int) -> None:
    user = {"user": f"u{version}"}

    told = alter(broker, entry(user, producer_byte_rate=5), version=version)
    assert (told, limits(broker, **user)) == ([(0, None)], {"producer_byte_rate": 5.0})
    told = alter(broker, entry(user, producer_byte_rate=None), version=version)
    assert (told, limits(broker, **user)) == ([(0, None)], {})


def test_what_is_only_checked_changes_nothing(broker: RunningNode) -> None:
    assert alter(broker, entry({"user": "c"}, producer_byte_rate=5), validate_only=True) == [
        (0, None)
    ]
    assert limits(broker, user="c") == {}


def test_each_entity_is_answered_for_itself(broker: RunningNode) -> None:
    good, bad = entry({"user": "g"}, producer_byte_rate=5), entry({"user": "b"}, nonsense=5)

    assert alter(broker, bad, good) == [
        (ErrorCode.INVALID_REQUEST, "Invalid configuration key nonsense"),
        (0, None),
    ]
    assert limits(broker, user="g") == {"producer_byte_rate": 5.0}


def test_an_entity_that_is_named_twice_is_answered_once_and_not_changed(
    broker: RunningNode,
) -> None:
    twice = entry({"user": "twice"}, producer_byte_rate=5)

    message = "Ignoring duplicate entity ClientQuotaEntity(entries={user=twice})"
    assert alter(broker, twice, twice) == [(ErrorCode.INVALID_REQUEST, message)]
    assert limits(broker, user="twice") == {}


def test_addresses_are_numbers_or_names_that_can_be_found(broker: RunningNode) -> None:
    found = [
        alter(broker, entry({"ip": name}, connection_creation_rate=5))[0][0]
        for name in (None, "127.0.0.1", "::1", "localhost", "not an ip")
    ]
    assert found == [0, 0, 0, 0, ErrorCode.INVALID_REQUEST]


def test_addresses_that_need_no_look_up_are_not_limited(broker: RunningNode) -> None:
    entries = [entry({"ip": f"127.0.0.{n}"}, connection_creation_rate=5) for n in range(1, 30)]
    assert {answer[0] for answer in alter(broker, *entries)} == {0}


def test_a_quota_is_there_after_a_restart_and_in_snapshots(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    both = {"client-id": None, "user": "u"}
    with running_node(on_disk) as broker:
        alter(broker, entry(both, producer_byte_rate=5, consumer_byte_rate=6))
        alter(broker, entry(both, consumer_byte_rate=None))
        broker.run(lambda: broker.node.metadata_log.write_snapshot(0))
    with running_node(on_disk) as broker:
        assert limits(broker, **both) == {"producer_byte_rate": 5.0}

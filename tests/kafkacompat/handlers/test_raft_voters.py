"""What adding and removing voters have in common."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from kafkacompat.handlers.raft_voters import check_voter, refuse_change
from kafkacompat_protocol.errors import ErrorCode, KafkaError

NODE = cast(Any, SimpleNamespace(cluster_id="c"))


def test_a_voter_has_an_id_and_a_directory_and_is_of_this_cluster() -> None:
    check_voter(NODE, None, 0, b"d" * 16, "Add")
    check_voter(NODE, "c", 0, b"d" * 16, "Add")
    wrong: list[tuple[str | None, int, bytes]]
    wrong = [("x", 0, b"d" * 16), (None, -1, b"d" * 16), (None, 0, bytes(16))]
    for cluster_id, voter_id, directory_id in wrong:
        with pytest.raises(KafkaError):
            check_voter(NODE, cluster_id, voter_id, directory_id, "Add")


def test_a_change_is_refused_with_its_reason() -> None:
    with pytest.raises(KafkaError) as refused:
        refuse_change("adding")
    assert refused.value.code == ErrorCode.UNSUPPORTED_VERSION

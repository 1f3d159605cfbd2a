"""A seed is in the broker afterwards."""

from pathlib import Path

import pytest

from kafkacompat import ThreadedBroker
from kafkacompat.seed.document import SeedError
from kafkacompat_protocol.messages.describe_user_scram_credentials import (
    DescribeUserScramCredentialsRequest,
)
from tests.kafkacompat.seed.test_document import YAML


def test_everything_is_there_and_a_reset_goes_back_to_it(tmp_path: Path) -> None:
    (tmp_path / "seed.yaml").write_text(YAML)
    (tmp_path / "more.jsonl").write_text('{"value": "1"}\n')
    (tmp_path / "lines.txt").write_text("one\ntwo\n")
    with ThreadedBroker(seed=tmp_path / "seed.yaml") as broker:
        for _ in range(2):
            assert broker.topics() == {"lines": 1, "orders": 3}
            assert [record.value for record in broker.records("lines")] == [b"one", b"two"]
            first = next(record for record in broker.records("orders") if record.key == b"a")
            assert (first.timestamp, first.headers) == (1_700_000_000_000, [("source", b"web")])
            assert broker.committed("billing") == {("orders", 0): 1, ("orders", 2): 5}
            users = broker._client.call(DescribeUserScramCredentialsRequest(users=None), 0).results
            assert [user.user for user in users] == ["alice"]
            broker.produce("lines", "three")
            broker.reset()


def test_many_records_go_in_several_batches(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("x" * 400 + "\n" + "y\n" * 5000)
    (tmp_path / "seed.json").write_text('{"topics": [{"name": "t", "records_file": "lines.txt"}]}')
    with ThreadedBroker() as broker:
        broker.apply_seed(tmp_path / "seed.json")
        found = broker.records("t")
        assert [record.offset for record in found] == list(range(5001))
        assert found[0].value == b"x" * 400
        assert broker.node.partitions.find("t", 0).log.end_offset == 5001


def test_what_the_broker_refuses_is_told(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text('{"topics": [{"name": "a b"}]}')
    with ThreadedBroker() as broker, pytest.raises(SeedError, match="INVALID_TOPIC_EXCEPTION"):
        broker.apply_seed(seed)

"""What a seed file may say, and what is said of one that makes no sense."""

import json
from pathlib import Path
from typing import Any

import pytest

from kafkacompat.seed.document import (
    Seed,
    SeedError,
    SeedGroup,
    SeedRecord,
    SeedTopic,
    SeedUser,
    parse_seed,
    read_seed,
)

YAML = """
topics:
  - name: orders
    partitions: 3
    config: {retention.ms: -1, preallocate: false}
    records:
      - {key: a, value: text, timestamp: 1700000000000, headers: {source: web}}
      - {partition: 2, json: {id: 7, name: é}}
      - {value_base64: /w==, headers: [{name: raw, value_base64: AA==}, {name: none}]}
      - {key: gone}
    records_file: more.jsonl
  - name: lines
    records_file: lines.txt
groups:
  - {id: billing, offsets: {orders: {0: 1, 2: 5}}}
users:
  - {name: alice, password: secret, mechanism: SCRAM-SHA-512, iterations: 8192}
broker: {message.max.bytes: 2000000}
"""


def test_everything_is_read(tmp_path: Path) -> None:
    (tmp_path / "seed.yaml").write_text(YAML)
    (tmp_path / "more.jsonl").write_text('{"value": "1"}\n\n{"value": "2", "partition": 1}\n')
    (tmp_path / "lines.txt").write_text("one\ntwo\n")
    assert read_seed(tmp_path / "seed.yaml") == Seed(
        topics=[
            SeedTopic(
                "orders",
                3,
                config={"retention.ms": "-1", "preallocate": "false"},
                records=[
                    SeedRecord(b"a", b"text", None, 1_700_000_000_000, [("source", b"web")]),
                    SeedRecord(None, '{"id": 7, "name": "é"}'.encode(), 2),
                    SeedRecord(None, b"\xff", headers=[("raw", b"\0"), ("none", None)]),
                    SeedRecord(b"gone"),
                    SeedRecord(None, b"1"),
                    SeedRecord(None, b"2", 1),
                ],
            ),
            SeedTopic("lines", records=[SeedRecord(None, b"one"), SeedRecord(None, b"two")]),
        ],
        groups=[SeedGroup("billing", {("orders", 0): 1, ("orders", 2): 5})],
        users=[SeedUser("alice", "secret", 2, 8192)],
        broker={"message.max.bytes": "2000000"},
    )


def test_json_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "seed.json").write_text(json.dumps({"topics": [{"name": "t"}]}))
    assert read_seed(tmp_path / "seed.json") == Seed([SeedTopic("t")])


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "the file: is to be an object"),
        ({"topic": []}, "the file: there is no 'topic'"),
        ({"topics": {}}, "topics: is to be a list"),
        ({"topics": [{}]}, r"topics\[0\].name: is to be text"),
        ({"topics": [{"name": "t", "partitions": "3"}]}, "partitions: is to be a number"),
        ({"topics": [{"name": "t", "partitions": True}]}, "partitions: is to be a number"),
        ({"topics": [{"name": "t", "records": [5]}]}, r"records\[0\]: is to be an object"),
        ({"topics": [{"name": "t", "records": [{"valeu": ""}]}]}, "there is no 'valeu'"),
        ({"topics": [{"name": "t", "records": [{"partition": 1}]}]}, "no partition 1"),
        ({"topics": [{"name": "t", "records": [{"value": {}}]}]}, "value: is to be text"),
        ({"topics": [{"name": "t", "records": [{"key_base64": "?"}]}]}, "no base64"),
        ({"topics": [{"name": "t", "records_file": "missing"}]}, "No such file"),
        ({"groups": [{"id": "g", "offsets": {"t": {"x": 1}}}]}, "offsets.t: x: 1"),
        ({"users": [{"name": "a", "password": "b", "mechanism": "PLAIN"}]}, "'PLAIN'"),
    ],
)
def test_what_makes_no_sense_is_told(document: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(SeedError, match=message):
        parse_seed(document, tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", b"{"), ("a.yaml", b"a: ["), ("a.json", b"\xff"), ("b.yaml", b"!!python/name:os")],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SeedError):
        read_seed(tmp_path / name)


def test_passwords_are_not_shown() -> None:
    assert "secret" not in repr(SeedUser("alice", "secret"))

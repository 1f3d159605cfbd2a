import json
import os

import pytest

from kafkacompat import __version__
from kafkacompat.cli.banner import DURABILITY_IN_WORDS, Ready, banner, env_line, json_line
from kafkacompat.server.listener import Endpoint


def ready(*, durability: str = "fsync", host: str = "127.0.0.1", told: str = "127.0.0.1") -> Ready:
    return Ready(
        node_id=1,
        cluster_id="abc",
        listening=[Endpoint("PLAINTEXT", host, 9092)],
        advertised=[Endpoint("PLAINTEXT", told, 9092)],
        data=[] if durability == "memory" else ["data"],
        durability=durability,
        start_ms=92,
    )


def test_json_tells_programs_where_to_connect() -> None:
    assert json.loads(json_line(ready())) == {
        "bootstrap_servers": "127.0.0.1:9092",
        "pid": os.getpid(),
        "node_id": 1,
        "cluster_id": "abc",
        "listeners": {"PLAINTEXT": "127.0.0.1:9092"},
        "data": ["data"],
        "durability": "fsync",
        "start_ms": 92,
        "version": __version__,
    }


def test_env_is_an_assignment() -> None:
    assert env_line(ready(told="::1")) == "KAFKA_BOOTSTRAP_SERVERS=[::1]:9092"


def test_the_banner_tells_people_what_matters() -> None:
    assert banner(ready()).splitlines() == [
        f"kafkacompat {__version__}  node 1, cluster abc",
        "",
        "  listening   PLAINTEXT://127.0.0.1:9092",
        "  data        data",
        "  durability  acks=all is answered when the data is synced to disk",
        "",
        "ready in 92 ms; stop with Ctrl-C",
    ]


def test_the_banner_says_what_is_advertised_where_that_differs() -> None:
    shown = banner(ready(host="0.0.0.0", told="localhost"))
    assert "PLAINTEXT://0.0.0.0:9092  (clients are told localhost:9092)" in shown


@pytest.mark.parametrize("durability", DURABILITY_IN_WORDS)
def test_every_durability_has_words(durability: str) -> None:
    assert DURABILITY_IN_WORDS[durability] in banner(ready(durability=durability))

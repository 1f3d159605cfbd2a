"""`kafkacompat dump` and `kafkacompat start --seed`."""

import json
from pathlib import Path

import yaml

from kafkacompat import ThreadedBroker
from tests.support.command_line import broker, run


def test_a_dumped_broker_can_be_started_again(tmp_path: Path) -> None:
    with ThreadedBroker(topics={"t": 2}) as source:
        source.produce("t", "x", partition=1, timestamp=5)
        told = run("dump", "-b", source.bootstrap_servers, cwd=tmp_path)
        assert (told.returncode, json.loads(told.stdout)["topics"][0]["name"]) == (0, "t")
        told = run("dump", "-b", source.bootstrap_servers, "-o", "seed.yaml", cwd=tmp_path)
        assert told.returncode == 0
    assert yaml.safe_load((tmp_path / "seed.yaml").read_text())["topics"][0]["partitions"] == 2
    with broker("--memory", "--seed", "seed.yaml", cwd=tmp_path) as started:
        told = run("dump", "-b", started.ready["bootstrap_servers"], cwd=tmp_path)
    assert json.loads(told.stdout)["topics"][0]["records"] == [
        {"partition": 1, "timestamp": 5, "value": "x"}
    ]


def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    told = run("dump", "-b", "nowhere", cwd=tmp_path)
    assert (told.returncode, told.stderr.count("\n")) == (2, 1)
    told = run("dump", "-b", "127.0.0.1:1", cwd=tmp_path)
    assert (told.returncode, told.stderr.count("\n")) == (1, 1)
    (tmp_path / "seed.json").write_text("{}x")
    told = run("start", "--memory", "-p", "0", "--seed", "seed.json", cwd=tmp_path)
    assert (told.returncode, told.stderr.count("\n")) == (2, 1)

import json
import os
from pathlib import Path

import pytest

from kafkacompat.cli import pid_file
from kafkacompat.cli.process import identity


def test_a_running_process_is_found_by_its_file(tmp_path: Path) -> None:
    pid_file.write(tmp_path, "127.0.0.1:9092")
    found = pid_file.find(tmp_path)
    assert found == pid_file.Running(os.getpid(), identity(os.getpid()) or "", "127.0.0.1:9092")
    assert [path.name for path in tmp_path.iterdir()] == [pid_file.NAME]


def test_the_file_of_a_process_that_is_gone_leads_to_nobody(tmp_path: Path) -> None:
    pid_file.write(tmp_path, "127.0.0.1:9092")
    file = tmp_path / pid_file.NAME
    fields = json.loads(file.read_text())
    file.write_text(json.dumps(fields | {"identity": "ticks 1"}))
    assert pid_file.find(tmp_path) is None


@pytest.mark.parametrize("content", ["", "12", "{}", '{"pid": "x"}', "[1]", "\xff"])
def test_a_file_that_says_nothing_leads_to_nobody(tmp_path: Path, content: str) -> None:
    (tmp_path / pid_file.NAME).write_text(content)
    assert pid_file.find(tmp_path) is None


@pytest.mark.parametrize("pid", [0, -1])
def test_a_number_that_means_many_processes_leads_to_nobody(tmp_path: Path, pid: int) -> None:
    fields = {"pid": pid, "identity": "x", "bootstrap_servers": ""}
    (tmp_path / pid_file.NAME).write_text(json.dumps(fields))
    assert pid_file.find(tmp_path) is None


def test_a_file_is_removed_whether_it_exists_or_not(tmp_path: Path) -> None:
    pid_file.write(tmp_path, "")
    pid_file.remove(tmp_path)
    pid_file.remove(tmp_path)
    assert pid_file.find(tmp_path) is None

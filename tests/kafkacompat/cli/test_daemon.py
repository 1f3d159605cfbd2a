import json
import re
from pathlib import Path

from kafkacompat.cli.daemon import LOG_NAME, log_file
from tests.support.command_line import run


def test_a_broker_in_the_background_is_found_and_stopped_by_its_folder(tmp_path: Path) -> None:
    started = run("start", "-p", "0", "--daemon", "-t", "a:2", cwd=tmp_path)
    assert started.returncode == 0, started.stderr
    found = re.fullmatch(
        rf"running on (127\.0\.0\.1:\d+), process (\d+), log data/{LOG_NAME}\n", started.stdout
    )
    assert found is not None
    status = run("status", cwd=tmp_path)
    assert status.stdout == f"running on {found[1]}, process {found[2]}\n"
    second = run("start", "-p", "0", "--daemon", cwd=tmp_path)
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == (
        f"kafkacompat: data is in use by process {found[2]}; -d chooses another folder\n"
    )
    stopped = run("stop", cwd=tmp_path)
    assert stopped.stdout == f"stopped process {found[2]}\n"
    assert run("status", cwd=tmp_path).returncode == 3
    logged = (tmp_path / "data" / LOG_NAME).read_text()
    assert "Kafka Server started" in logged
    assert "shut down completed" in logged


def test_a_broker_in_memory_has_its_log_and_pid_file_in_the_folder_too(tmp_path: Path) -> None:
    line = ["start", "-p", "0", "--memory", "-d", "here", "--daemon", "--print-ready", "json"]
    started = run(*line, cwd=tmp_path)
    assert started.returncode == 0, started.stderr
    ready = json.loads(started.stdout)
    assert run("stop", "-d", "here", cwd=tmp_path).stdout == f"stopped process {ready['pid']}\n"
    assert log_file(tmp_path / "here").exists()


def test_a_daemon_that_cannot_start_says_why_and_makes_no_folder(tmp_path: Path) -> None:
    found = run("start", "--daemon", "-H", "192.0.2.1", cwd=tmp_path)
    assert found.returncode == 1
    assert "cannot listen on 192.0.2.1:9092: this machine has no such address" in found.stderr
    assert list(tmp_path.iterdir()) == []

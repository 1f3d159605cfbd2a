import json
import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from kafkacompat.cli import pid_file
from kafkacompat.cli.stop import stop


def test_where_nothing_runs_nothing_is_stopped(tmp_path: Path) -> None:
    found = CliRunner().invoke(stop, ["-d", str(tmp_path)])
    assert found.exit_code == 3
    assert f"no broker runs on {tmp_path}" in found.output


def test_a_signal_goes_only_to_the_process_that_wrote_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = {"pid": os.getpid(), "identity": "ticks 1", "bootstrap_servers": ""}
    (tmp_path / pid_file.NAME).write_text(json.dumps(fields))
    monkeypatch.setattr(os, "kill", lambda pid, number: pytest.fail("killed somebody"))
    assert CliRunner().invoke(stop, ["-d", str(tmp_path)]).exit_code == 3


def test_a_broker_that_does_not_stop_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid_file.write(tmp_path, "")
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    found = CliRunner().invoke(stop, ["-d", str(tmp_path), "--timeout", "0"])
    assert sent == [(os.getpid(), signal.SIGTERM)]
    assert found.exit_code == 1
    assert "is still stopping after 0 s" in found.output


def test_the_folder_comes_from_the_file_of_settings_too(tmp_path: Path) -> None:
    file = tmp_path / "server.properties"
    file.write_text(f"log.dirs={tmp_path}/logs\n")
    assert f"no broker runs on {tmp_path}/logs" in CliRunner().invoke(stop, [str(file)]).output


def test_a_wrong_file_is_one_line(tmp_path: Path) -> None:
    found = CliRunner().invoke(stop, [str(tmp_path / "none")])
    assert (found.exit_code, found.output.count("\n")) == (2, 1)

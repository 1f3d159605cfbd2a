import os
from pathlib import Path

from click.testing import CliRunner

from kafkacompat.cli import pid_file
from kafkacompat.cli.status import status


def test_a_running_broker_is_told_of(tmp_path: Path) -> None:
    pid_file.write(tmp_path, "127.0.0.1:1")
    found = CliRunner().invoke(status, ["-d", str(tmp_path)])
    assert (found.exit_code, found.output) == (
        0,
        f"running on 127.0.0.1:1, process {os.getpid()}\n",
    )


def test_where_none_runs_the_exit_code_is_three(tmp_path: Path) -> None:
    found = CliRunner().invoke(status, ["-d", str(tmp_path)])
    assert (found.exit_code, found.output) == (3, f"no broker runs on {tmp_path}\n")

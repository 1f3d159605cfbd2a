from pathlib import Path

import pytest

from kafkacompat import __version__
from kafkacompat.__main__ import main
from tests.support.command_line import run


def test_the_module_is_the_command(tmp_path: Path) -> None:
    found = run("--version", cwd=tmp_path)
    assert (found.returncode, found.stdout) == (0, f"kafkacompat {__version__}\n")


def test_main_runs_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["kafkacompat", "--version"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"kafkacompat {__version__}\n"

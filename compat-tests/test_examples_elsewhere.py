"""The examples that are not Python pass: each tells a broker over HTTP what is to go wrong."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import environment
from tests.support.toolchains import ROOT, unavailable

DEADLINE_S = 600

EXAMPLES = {
    "go": [["go", "test", "-count=1", "./..."]],
    "junit": [["mvn", "-q", "-B", "test"]],
    "node": [["npm", "ci", "--no-audit", "--no-fund"], ["npm", "test"]],
}
"""Folders, and the commands that run them."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_passes_in_its_own_toolchain(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    shutil.copytree(ROOT / "examples" / name, folder)
    commands_first = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    for command in EXAMPLES[name]:
        if shutil.which(command[0]) is None:
            unavailable(f"{command[0]} is not installed")
        told = subprocess.run(
            command,
            cwd=folder,
            env=environment(PATH=commands_first),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert told.returncode == 0, told.stdout + told.stderr

"""The examples pass, and the documentation shows them as they are."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from kafkacompat.seed.document import parse_seed
from tests.support.command_line import environment

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
PAGE = ROOT / "docs" / "testing.md"
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(language: str) -> list[tuple[str, str]]:
    """Return (file that it is from, text) of the blocks in a language."""
    found = BLOCK.findall(PAGE.read_text())
    return [(file, text) for lang, file, text in found if lang == language]


def run(folder: Path, *command: str) -> None:
    told = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_the_example_for_pytest_passes() -> None:
    quiet = ("-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir=.", ".")
    run(EXAMPLES / "pytest", "-m", "pytest", *quiet)


def test_the_example_for_unittest_passes() -> None:
    run(EXAMPLES / "unittest", "-m", "unittest")


def test_the_page_shows_the_examples_as_they_are() -> None:
    shown = [(file, text) for _, file, text in BLOCK.findall(PAGE.read_text()) if file]
    assert {file.split("/")[1] for file, _ in shown} == {each.name for each in EXAMPLES.glob("*/")}
    for file, text in shown:
        assert text == (ROOT / file).read_text(), f"run `make docs`: {file} has changed"


@pytest.mark.parametrize("text", [text for file, text in blocks("python") if not file])
def test_other_code_on_the_page_runs(tmp_path: Path, text: str) -> None:
    (tmp_path / "block.py").write_text(text)
    run(tmp_path, "block.py")


def test_the_seed_on_the_page_is_one(tmp_path: Path) -> None:
    ((_, text),) = blocks("yaml")
    assert len(parse_seed(yaml.safe_load(text), tmp_path).topics[0].records) == 3

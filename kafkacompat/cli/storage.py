"""`kafkacompat storage`: examine the directory of a stopped broker, and repair it on request."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from kafkacompat.cli.exit_codes import FAILED, WRONG_INPUT, fail
from kafkacompat_storage import names
from kafkacompat_storage.examination import Finding, examine
from kafkacompat_storage.files import Lock
from kafkacompat_storage.os_files import OsFiles
from kafkacompat_storage.repair import repair as repair_findings

COLUMNS = ("partition", "file", "finding", "offsets", "repair")
output_format = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.group(short_help="Examine or repair the directory of a stopped broker.")
def storage() -> None:
    """Examine the log directory of a stopped broker, or repair it."""


@storage.command(short_help="Say what is wrong in a directory.")
@folder
@output_format
def check(folder: Path, form: str) -> None:
    """Say what is wrong in a log directory; exit with 1 if anything is. Nothing is changed."""
    files, lock = _open(folder)
    try:
        found = list(examine(files, str(folder)))
    finally:
        lock.release()
    click.echo(_json(found, []) if form == "json" else _table(found, folder))
    raise SystemExit(FAILED if found else 0)


@storage.command(short_help="Repair a directory, keeping what is removed.")
@folder
@output_format
def repair(folder: Path, form: str) -> None:
    """Repair a log directory, so that a broker can open it; what is removed is kept beside."""
    files, lock = _open(folder)
    try:
        found = list(examine(files, str(folder)))
        done = repair_findings(files, str(folder), found)
    finally:
        lock.release()
    if form == "json":
        click.echo(_json(found, done))
        return
    click.echo(_table(found, folder))
    click.echo("\n".join(done) if done else "nothing had to be done")


def _open(folder: Path) -> tuple[OsFiles, Lock]:
    """Lock a directory; it is not touched if a broker has it."""
    if not folder.is_dir():
        fail(f"there is no folder {folder}", WRONG_INPUT)
    files = OsFiles()
    try:
        return files, files.lock(f"{folder}/{names.LOCK}")
    except BlockingIOError:
        fail(f"{folder} is in use: stop the broker first")
    except OSError as error:
        fail(f"cannot use {folder}: {error.strerror}")


def _row(finding: Finding, folder: Path) -> tuple[str, ...]:
    name = finding.path.removeprefix(f"{folder}/").removeprefix(f"{finding.partition}/")
    return (finding.partition, name, finding.what, finding.offsets, finding.repair)


def _table(found: list[Finding], folder: Path) -> str:
    if not found:
        return f"{folder} is sound"
    rows = [COLUMNS, *(_row(finding, folder) for finding in found)]
    widths = [max(len(row[number]) for row in rows) for number in range(len(COLUMNS))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join(lines)


def _json(found: list[Finding], done: list[str]) -> str:
    return json.dumps({"findings": [asdict(finding) for finding in found], "done": done}, indent=2)

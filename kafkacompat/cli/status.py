"""`kafkacompat status`: say whether a broker runs on a folder."""

from pathlib import Path

import click

from kafkacompat.cli import pid_file
from kafkacompat.cli.exit_codes import NOT_RUNNING
from kafkacompat.cli.stop import folder


@click.command(short_help="Say whether a broker runs on a folder.")
@click.argument("file", metavar="[SERVER.PROPERTIES]", required=False, type=Path)
@click.option("-d", "--data-dir", metavar="DIR", help="The broker's folder. [./data]")
def status(file: Path | None, data_dir: str | None) -> None:
    """Say whether a broker runs on a folder; exit with 3 if none does."""
    home = folder(file, data_dir)
    running = pid_file.find(home)
    if running is None:
        click.echo(f"no broker runs on {home}")
        raise SystemExit(NOT_RUNNING)
    click.echo(f"running on {running.bootstrap_servers}, process {running.pid}")

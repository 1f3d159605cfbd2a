"""`kafkacompat stop`: end the broker that runs on a folder."""

import os
import signal
from pathlib import Path

import click

from kafkacompat.cli import pid_file
from kafkacompat.cli.exit_codes import NOT_RUNNING, WRONG_INPUT, fail
from kafkacompat.cli.process import wait_until_gone
from kafkacompat.cli.settings import Flags, home_of, resolve
from kafkacompat.config.load import ConfigError


def folder(file: Path | None, data_dir: str | None) -> Path:
    """Return the folder that a broker with this file and option runs on."""
    try:
        config, _ = resolve(file, None, Flags(data_dir=data_dir))
    except ConfigError as error:
        fail(str(error), WRONG_INPUT)
    return home_of(config)


@click.command(short_help="Stop the broker that runs on a folder.")
@click.argument("file", metavar="[SERVER.PROPERTIES]", required=False, type=Path)
@click.option("-d", "--data-dir", metavar="DIR", help="The broker's folder. [./data]")
@click.option("--timeout", default=30.0, show_default=True, help="Seconds to wait.")
def stop(file: Path | None, data_dir: str | None, timeout: float) -> None:
    """Ask the broker that runs on a folder to stop, and wait until it has."""
    home = folder(file, data_dir)
    running = pid_file.find(home)
    if running is None:
        fail(f"no broker runs on {home}", NOT_RUNNING)
    try:
        os.kill(running.pid, signal.SIGTERM)
    except ProcessLookupError:
        pass
    except PermissionError:
        fail(f"process {running.pid} belongs to another user")
    if not wait_until_gone(running.pid, running.identity, timeout):
        fail(f"process {running.pid} is still stopping after {timeout:g} s")
    click.echo(f"stopped process {running.pid}")

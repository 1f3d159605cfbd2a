"""What the commands exit with, and how they say why."""

from typing import NoReturn

import click

FAILED = 1
WRONG_INPUT = 2
NOT_RUNNING = 3


def fail(text: str, code: int = FAILED) -> NoReturn:
    """Print one line and exit."""
    line = " ".join(text.split())
    click.echo(f"kafkacompat: {line}", err=True)
    raise SystemExit(code)

"""The command `kafkacompat`, and which module has which of its subcommands.

A subcommand's module is imported when it is called, so that none slows another's start.
"""

from importlib import import_module

import click

from kafkacompat import __version__

COMMANDS = {
    "start": "Run a broker.",
    "dump": "Write what a broker holds as a seed file.",
    "status": "Say whether a broker runs on a folder.",
    "stop": "Stop the broker that runs on a folder.",
    "storage": "Examine or repair the directory of a stopped broker.",
}


class LazyGroup(click.Group):
    """A group of commands that are imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command, None if there is no such."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = getattr(import_module(f"kafkacompat.cli.{cmd_name}"), cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def kafkacompat() -> None:
    """A broker that speaks Apache Kafka's wire protocol."""

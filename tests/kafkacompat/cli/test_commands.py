import pytest
from click.testing import CliRunner

from kafkacompat.cli.commands import COMMANDS, kafkacompat


def test_help_lists_every_command() -> None:
    shown = CliRunner().invoke(kafkacompat, ["--help"]).output
    for name, text in COMMANDS.items():
        assert f"{name} " in shown
        assert text in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself_with_the_line_of_the_list(name: str) -> None:
    found = CliRunner().invoke(kafkacompat, [name, "--help"])
    assert found.exit_code == 0
    command = kafkacompat.commands.get(name) or __import__(
        f"kafkacompat.cli.{name}", fromlist=[name]
    )
    assert getattr(command, name, command).short_help == COMMANDS[name]


def test_an_unknown_command_is_wrong_usage() -> None:
    found = CliRunner().invoke(kafkacompat, ["fly"])
    assert found.exit_code == 2
    assert "No such command 'fly'" in found.output

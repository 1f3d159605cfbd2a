"""Kafka's command-line tools, many runs in one Java process: a run takes tenths of a second."""

import re
import subprocess
from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
SHARE_GROUPS = "org.apache.kafka.tools.consumer.group.ShareGroupCommand"
TRANSACTIONS = "org.apache.kafka.tools.TransactionsCommand"
MASKS = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"(?<= )[A-Za-z0-9_-]{22}(?= )"), "<member>"),
    (re.compile(r"127\.0\.0\.1:\d+"), "<address>"),
    (
        re.compile(
            r"Call\(callName=\w+.* timed out at \d+ after \d+ attempt\(s\)"
            r"|Timed out waiting for a node assignment. Call: \w+\(api=METADATA\)"
        ),
        "<timed out>",
    ),
    (re.compile(r"^Caused by: .*DisconnectException: Cancelled .*\n", re.MULTILINE), ""),
)
STACK = re.compile(r"\s+at |\s+\.\.\. \d+ more")
Command = tuple[str, ...]


class JavaCommands:
    """A process that runs the tools of one home, one after the other."""

    def __init__(self, home: Path) -> None:
        command = ["java", "-XX:TieredStopAtLevel=1", "-Dorg.apache.logging.log4j.level=OFF"]
        command += [f"-Dlog4j.configuration={(HERE / 'log4j-off.properties').as_uri()}"]
        command += ["-cp", f"{home}/libs/*", str(HERE / "Commands.java")]
        self._command = command
        self._process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def __enter__(self) -> "JavaCommands":
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._process.kill()

    def run(self, main_class: str, *arguments: str) -> str:
        """Run a tool and return all that it printed, on either stream.

        An argument `<path` is what it reads as its input.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\t".join((main_class, *arguments)).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the tools' process ended"
        text = b64decode(line.removeprefix(b"!")).decode()
        if not line.startswith(b"!"):
            return text
        with self._process:
            code = self._process.wait()
        self._process = self._start()
        return f"{text}exit {code}\n"


def answers(
    tools: JavaCommands, main_class: str, commands: Sequence[Command], bootstrap: str
) -> list[list[str]]:
    """Return what every command prints, ids and ports masked, the lines of each sorted."""
    found = []
    for command in commands:
        where = () if "--validate-regex" in command else ("--bootstrap-server", bootstrap)
        found.append(masked_lines(tools.run(main_class, *command, *where)))
    return found


def masked_lines(text: str) -> list[str]:
    """Return what a tool printed, ids and ports masked, its lines sorted."""
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    lines = (line.rstrip() for line in text.splitlines())
    return sorted(line for line in lines if line and not STACK.match(line))


def differing(
    commands: Sequence[Command], expected: list[list[str]], found: list[list[str]]
) -> list[tuple[str, list[str], list[str]]]:
    """Return the commands that were not answered alike, with both answers."""
    return [
        (" ".join(command), theirs, own)
        for command, theirs, own in zip(commands, expected, found, strict=True)
        if theirs != own
    ]

"""The two brokers that every tool of a home is run against, and how their answers are compared.

The judge is the real Kafka of that home. The subject is ours, or where `COMPAT_BROKER` is `kafka`
one more Kafka of that home: then nothing may differ, which shows that masks hide enough.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from broker_process import running_broker
from java_commands import Command
from matrix.brokers import OURS, kind_wanted

from tests.support.toolchains import kafka_home_module, require_kafka_home

VERSION = os.environ.get("CLIENT_VERSION", "4.3.1")
IS_4 = not VERSION.startswith("3.")
Reasons = Mapping[Command, str]
"""Commands that we answer in another way, and why."""
OF_4 = "we answer as Kafka 4.3 does"
"""A reason where the home is older."""


@dataclass(frozen=True, slots=True)
class Side:
    """A broker that runs, and its log directories."""

    bootstrap: str
    dirs: list[Path]

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, _, port = self.bootstrap.rpartition(":")
        return host, int(port)


def home() -> Path:
    """Return the home whose tools are run, or end the test."""
    return require_kafka_home(VERSION)


def tool(script: str) -> str:
    """Return the class behind a script of the home, such as `kafka-topics`."""
    found: str = kafka_home_module().main_classes(VERSION)[script]
    return found


@contextmanager
def judge(folder: Path, settings: Mapping[str, str], dirs: int = 1) -> Iterator[Side]:
    """Run a Kafka of the home on what lies in the folder."""
    places = [folder / "data", *(folder / f"more-{number}" for number in range(1, dirs))]
    given = {**settings, "log.dirs": ",".join(map(str, places))}
    with kafka_home_module().running_broker(home(), folder, settings=given) as broker:
        yield Side(broker.bootstrap, places)


@contextmanager
def subject(folder: Path, settings: Mapping[str, str], dirs: int = 1) -> Iterator[Side]:
    """Run the broker that is judged on what lies in the folder."""
    if kind_wanted() != OURS:
        with judge(folder, settings, dirs) as side:
            yield side
        return
    folder.mkdir(exist_ok=True)
    places = [folder / "data", *(folder / f"more-{number}" for number in range(1, dirs))]
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with running_broker(places[0], *words, more=places[1:]) as broker:
        yield Side(broker.bootstrap, places)


def unlike(
    commands: Sequence[Command],
    expected: Sequence[Sequence[str]],
    found: Sequence[Sequence[str]],
    reasons: Reasons,
) -> list[tuple[str, Sequence[str], Sequence[str]]]:
    """Return each command whose answers differ without a reason, or never do in spite of one."""
    if kind_wanted() != OURS:
        reasons = {}
    differing = [
        (command, theirs, own)
        for command, theirs, own in zip(commands, expected, found, strict=True)
        if theirs != own
    ]
    idle = reasons.keys() - {command for command, *_ in differing}
    return [
        (" ".join(command), theirs, own)
        for command, theirs, own in differing
        if command not in reasons
    ] + [(" ".join(command), ["no difference, though", reasons[command]], []) for command in idle]

"""Kafka's command-line tools, many runs in one Java process: a run takes tenths of a second."""

import subprocess
from base64 import b64decode
from pathlib import Path

HERE = Path(__file__).resolve().parent
GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"


class JavaCommands:
    """A process that runs the tools of one home, one after the other."""

    def __init__(self, home: Path) -> None:
        command = ["java", "-XX:TieredStopAtLevel=1", "-Dorg.apache.logging.log4j.level=OFF"]
        command += ["-cp", f"{home}/libs/*", str(HERE / "Commands.java")]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def __enter__(self) -> "JavaCommands":
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._process.kill()

    def run(self, main_class: str, *arguments: str) -> str:
        """Run a tool and return all that it printed, on either stream."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\t".join((main_class, *arguments)).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the tools' process ended"
        return b64decode(line).decode()

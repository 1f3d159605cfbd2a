"""kafka-console-share-consumer.sh of a home, as a process."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

DEADLINE_S = 90


class ShareConsumer:
    """A member of a share group that prints what it gets from the topic `t`."""

    def __init__(self, home: Path, bootstrap: str, group_id: str, out: Path) -> None:
        self.out = out
        command = [str(home / "bin" / "kafka-console-share-consumer.sh")]
        command += ["--bootstrap-server", bootstrap, "--topic", "t", "--group", group_id]
        with out.open("wb") as stdout:
            self._process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL)

    def has_printed(self, values: list[str]) -> bool:
        """Whether it has printed these, in any order, and nothing else."""
        return sorted(self.out.read_text().splitlines()) == sorted(values)

    def stop(self) -> None:
        """Let it leave its group."""
        self._process.terminate()
        self._process.wait(DEADLINE_S)


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Ask again and again until something is so."""
    give_up = time.monotonic() + DEADLINE_S
    while not is_so():
        assert time.monotonic() < give_up, what
        time.sleep(0.1)

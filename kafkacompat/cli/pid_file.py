"""kafkacompat.pid: which process runs on a folder, for `stop` and `status`.

The file is written once the folder is locked. It names the process and the moment of its start,
so that one left behind by a killed broker never leads to somebody else's process.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from kafkacompat.cli.process import identity, is_gone

NAME = "kafkacompat.pid"
MAX_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Running:
    """A broker's process and where its clients connect."""

    pid: int
    identity: str
    bootstrap_servers: str


def write(home: Path, bootstrap_servers: str) -> None:
    """Say that this process runs on a folder. Errors: OSError."""
    pid = os.getpid()
    running = Running(pid, identity(pid) or "", bootstrap_servers)
    temporary = home / f"{NAME}.tmp"
    temporary.write_text(json.dumps(asdict(running)) + "\n")
    temporary.replace(home / NAME)


def remove(home: Path) -> None:
    """Take the file away, if there is one."""
    (home / NAME).unlink(missing_ok=True)


def find(home: Path) -> Running | None:
    """Return the broker that runs on a folder, None if there is none."""
    try:
        with (home / NAME).open("rb") as file:
            fields = json.loads(file.read(MAX_BYTES))
        running = Running(
            int(fields["pid"]), str(fields["identity"]), str(fields["bootstrap_servers"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if running.pid <= 0 or is_gone(running.pid, running.identity):
        return None
    return running

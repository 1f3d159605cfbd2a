"""A broker process as a user would start it, with ways to stop and kill it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DEADLINE_S = 60


class BrokerProcess:
    """`kafkacompat start` on a data folder; restarts take the same port."""

    def __init__(
        self,
        data: Path,
        *,
        more: Sequence[Path] = (),
        port: int = 0,
        arguments: Sequence[str] = (),
        memory: bool = False,
    ) -> None:
        self.data = data
        self.dirs = ",".join(map(str, (data, *more)))
        self.port = port
        self.arguments = list(arguments)
        self.memory = memory
        self.log = data.parent / f"{data.name}.log"
        self.environment: dict[str, str] = {}
        """What the process finds there beside ours."""
        self.ready: dict[str, Any] = {}
        """What it printed when it could be used."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """host:port for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def has_started(self) -> bool:
        """Whether there is a process to stop."""
        return self._process is not None

    def dies_within(self, seconds: float) -> bool:
        """Whether the process ends by itself in so many seconds."""
        assert self._process is not None
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> "BrokerProcess":
        """Start, and return once it can be used."""
        where = ["--memory"] if self.memory else ["-d", self.dirs]
        command = [sys.executable, "-m", "kafkacompat", "start", "-p", str(self.port), *where]
        command += ["--print-ready", "json", *self.arguments]
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("", "protocol", "storage"))
        }
        environment |= self.environment
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, env=environment
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the broker did not start:\n{self.log.read_text()[-4000:]}")
        self.ready = json.loads(line)
        if self.port == 0:
            self.port = int(self.ready["bootstrap_servers"].split(",")[0].rpartition(":")[2])
        return self

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._wait()

    def stop(self) -> int:
        """SIGTERM, wait, and return the exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._wait()

    def _wait(self) -> int:
        assert self._process is not None
        code = self._process.wait(DEADLINE_S)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code


@contextmanager
def running_broker(
    data: Path, *arguments: str, more: Sequence[Path] = ()
) -> Iterator[BrokerProcess]:
    """Start a broker, with `more` log directories, and stop it in the end."""
    broker = BrokerProcess(data, more=more, arguments=arguments)
    try:
        yield broker.start()
    finally:
        if broker.has_started:
            broker.stop()

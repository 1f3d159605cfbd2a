"""A client in its own environment, beside a broker and a proxy of its own."""

import json
import queue
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from environments import EnvironmentFailed, python_of
from matrix.brokers import Broker, broker, kind_wanted
from proxy import Proxy

from tests.support.toolchains import kafka_home_module, unavailable

HERE = Path(__file__).resolve().parent
DEADLINE_S = 120


class ClientProcess:
    """A client's script; it is started again after a scenario that did not end."""

    def __init__(self, name: str, python: Path, broker: Broker, proxy: Proxy) -> None:
        self.name = name
        self._python = python
        self._broker = broker
        self._proxy = proxy
        self._log = broker.data.parent / f"{name}.log"
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def run(self, scenario: str) -> None:
        """Run a scenario; an AssertionError says what was wrong, with the ends of the logs."""
        if self._process is None:
            self._start()
        self._send(scenario)
        while True:
            message = self._receive()
            if "done" in message:
                break
            self._send(self._do(message))
        self._proxy.steady()
        if message["done"] is not None:
            self.close()
            raise AssertionError(f"{self.name}: {message['done']}\n{self._logs()}")

    def close(self) -> None:
        """End the script."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None

    def _start(self) -> None:
        command = [str(self._python), "-W", "ignore", str(HERE / self.name / "client.py")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, f"127.0.0.1:{self._proxy.port}"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={"PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"},
            )
        self._lines = queue.SimpleQueue()
        threading.Thread(target=_read, args=(self._process, self._lines), daemon=True).start()

    def _do(self, message: dict[str, Any]) -> Any:
        match message["ask"]:
            case "restart":
                self._broker.stop()
                self._broker.start()
                return None
            case "cut":
                self._proxy.cut(message["times"])
                return None
            case _:
                return self._proxy.steady()

    def _send(self, message: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=DEADLINE_S)
        except queue.Empty:
            line = ""
        if not line:
            self.close()
            raise AssertionError(f"{self.name} hung or died\n{self._logs()}")
        message: dict[str, Any] = json.loads(line)
        return message

    def _logs(self) -> str:
        return "\n".join(
            f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}"
            for log in (self._log, self._broker.log)
        )


def _read(process: "subprocess.Popen[str]", lines: "queue.SimpleQueue[str]") -> None:
    assert process.stdout is not None
    try:
        for line in process.stdout:
            lines.put(line)
    except ValueError:
        pass  # closed meanwhile
    lines.put("")


@contextmanager
def running_client(name: str, folder: Path) -> Iterator[ClientProcess]:
    """Start a broker and a proxy for a client; the test is skipped where pip cannot install it."""
    try:
        python = python_of(name)
    except EnvironmentFailed as error:
        unavailable(str(error))
    (port,) = kafka_home_module().free_ports(1)
    proxy = Proxy(port)
    advertised = {"advertised.listeners": f"PLAINTEXT://127.0.0.1:{proxy.port}"}
    running = broker(kind_wanted(), folder / "data", advertised, port)
    client = ClientProcess(name, python, running, proxy)
    try:
        running.start()
        yield client
    finally:
        client.close()
        if running.has_started:
            running.stop()
        proxy.close()

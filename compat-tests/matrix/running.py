"""Build a client's program, run it beside a broker, and hear what came of each case.

A program gets the broker's address in BOOTSTRAP, a folder of its own in SCRATCH, its version in
CLIENT_VERSION, and prints a line for each case, among any others:

    {"case": "...", "error": null, "seconds": 0.1}     null is success, else what was wrong
    {"case": "...", "error": null, "answer": "..."}    what a broker answered, kept for tables
    {"case": "...", "skipped": "why"}
    {"end": 12}                                        the number of cases; without it, it died
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from environments import EnvironmentFailed, python_of

from matrix.brokers import KAFKA_VERSION, VARIABLE, running_broker
from matrix.manifest import FOLDER, PYTEST, Client
from tests.support.toolchains import kafka_home_module

ROOT = FOLDER.parent
BUILD_DEADLINE_S = 1200
OUTPUT_SHOWN = 3000


class CannotRun(Exception):
    """A row cannot be run on this machine; the text is the reason."""


@dataclass(slots=True)
class Result:
    """What came of a row: cases by name, with what was wrong or why they were left out."""

    client: str
    title: str
    language: str
    version: str
    broker: str
    passed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    unavailable: str = ""
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def run(client: Client, version: str, kind: str) -> Result:
    """Run one row and return what came of it; what goes wrong is part of that."""
    result = Result(client.name, client.title or client.name, client.language, version, kind)
    if version in client.unavailable:
        result.unavailable = client.unavailable[version]
        return result
    try:
        words = _prepared(client, version)
    except CannotRun as reason:
        result.unavailable = str(reason)
        return result
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="compat-") as folder:
        if client.kind == PYTEST:
            _run_pytest(client, version, kind, words, Path(folder), result)
        else:
            _run_program(client, version, kind, words, Path(folder), result)
    result.seconds = round(time.monotonic() - began, 1)
    return result


def _prepared(client: Client, version: str) -> dict[str, str]:
    """Build what a row needs, once, and return what its placeholders stand for.

    Errors: CannotRun.
    """
    missing = [command for command in client.needs if shutil.which(command) is None]
    if missing:
        raise CannotRun(f"not installed: {', '.join(missing)}")
    _install(client.debian)
    out = client.out(version)
    words = {"here": str(client.folder), "out": str(out), "version": version}
    words |= {"project": sys.executable, "python": "", "home": ""}
    try:
        if (client.folder / "requirements.txt").exists():
            words["python"] = str(python_of(client.name))
        if client.home:
            words["home"] = str(kafka_home_module().build(client.home.format(**words)))
    except (EnvironmentFailed, kafka_home_module().KafkaHomeError) as error:
        raise CannotRun(str(error)) from None
    if not (out / "ready").exists():
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        for command in client.build:
            _build([word.format(**words) for word in command], client, out)
        (out / "ready").touch()
    return words


def _install(packages: Sequence[str]) -> None:
    """Have Debian's packages on this machine, if it is Debian and we may install any.

    Errors: CannotRun.
    """
    missing = [name for name in packages if not _has_package(name)]
    if not missing:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise CannotRun(f"needs Debian's {', '.join(missing)}")
    for command in (["update", "-qq"], ["install", "-y", "-qq", *missing]):
        done = subprocess.run(["apt-get", *command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRun(f"apt-get could not install {', '.join(missing)}:\n{done.stderr}")


def _has_package(name: str) -> bool:
    if shutil.which("dpkg") is None:
        return False
    return subprocess.run(["dpkg", "-s", name], capture_output=True, check=False).returncode == 0


def _build(command: list[str], client: Client, out: Path) -> None:
    environment = os.environ | {
        "CARGO_TARGET_DIR": str(out.parent / f"{client.name}-target"),
        "npm_config_fund": "false",
        "npm_config_audit": "false",
    }
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        command,
        cwd=client.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=BUILD_DEADLINE_S,
    )
    if done.returncode:
        said = (done.stdout + done.stderr)[-OUTPUT_SHOWN:]
        raise CannotRun(f"{' '.join(command)} failed:\n{said}")


def _run_program(
    client: Client, version: str, kind: str, words: dict[str, str], folder: Path, result: Result
) -> None:
    scratch = folder / "scratch"
    scratch.mkdir()
    of_kafka = client.kafka.get(version, KAFKA_VERSION)
    with running_broker(kind, folder / "data", client.settings, of_kafka) as broker:
        environment = _environment(client, version, kind, words) | {
            "BOOTSTRAP": broker.bootstrap,
            "SCRATCH": str(scratch),
        }
        command = [word.format(**words) for word in client.run]
        output, ended = _output(command, environment, scratch, client.deadline_s)
        broker_log = broker.log.read_text(errors="replace")[-OUTPUT_SHOWN:]
    if not _read_lines(output.splitlines(), result):
        why = ended if ended else "it ended before its last case"
        shown = f"{why}\n{output[-OUTPUT_SHOWN:]}\n--- broker\n{broker_log}"
        result.failed["(the program)"] = shown


def _environment(
    client: Client, version: str, kind: str, words: Mapping[str, str]
) -> dict[str, str]:
    own = {name: value.format(**words) for name, value in client.environment.items()}
    variables = {"CLIENT_VERSION": version, VARIABLE: kind, "KAFKA_VERSION": KAFKA_VERSION}
    return {**os.environ, **variables, **own}


def _output(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, deadline_s: int
) -> tuple[str, str]:
    """Run a command and return all it printed, and why it had to be ended, if it had."""
    path = folder.parent / "output"
    ended = ""
    with path.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            ended = f"it was not done within {deadline_s} s"
        finally:
            _end(process)
    return path.read_text(errors="replace"), ended


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and what it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def _read_lines(lines: Sequence[str], result: Result) -> bool:
    """Take down the cases that lines tell of, and return whether the last one told the end."""
    ended = False
    for said in _messages(lines):
        if "answer" in said:
            result.answers[said["case"]] = said["answer"]
        if "end" in said:
            ended = said["end"] == len(result.passed) + len(result.failed) + len(result.skipped)
        elif said.get("skipped"):
            result.skipped[said["case"]] = said["skipped"]
        elif said.get("error") is not None:
            result.failed[said["case"]] = str(said["error"])[:OUTPUT_SHOWN]
        else:
            result.passed.append(said["case"])
    return ended


def _messages(lines: Sequence[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if not line.startswith('{"'):
            continue
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and ("case" in said or "end" in said):
            yield said


def _run_pytest(
    client: Client, version: str, kind: str, words: dict[str, str], folder: Path, result: Result
) -> None:
    report = folder / "report.xml"
    command = [word.format(**words, report=str(report)) for word in client.run]
    environment = _environment(client, version, kind, words)
    scratch = folder / "scratch"
    scratch.mkdir()
    output, ended = _output(command, environment, scratch, client.deadline_s)
    if not report.exists():
        result.failed["(the suite)"] = f"{ended}\n{output[-OUTPUT_SHOWN:]}"
        return
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.get("name", "")
        wrong = [child for child in case if child.tag in ("failure", "error")]
        left_out = case.find("skipped")
        if wrong:
            result.failed[name] = f"{wrong[0].get('message', '')}\n{wrong[0].text}"[:OUTPUT_SHOWN]
        elif left_out is not None:
            result.skipped[name] = left_out.get("message", "")
        else:
            result.passed.append(name)

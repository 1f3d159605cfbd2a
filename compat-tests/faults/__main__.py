"""Clients under faults, one request at a time, and the page that tells what they do.

`make faults` runs all; CLIENT=confluent-kafka only one, without writing the page.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from environments import python_of

from faults.commands import AT_ONCE, GIVE_UP_MS, REQUEST_TIMEOUT_MS
from faults.scenarios import ACTIONS, OF_THE_WHOLE_FETCH, Scenario, scenarios
from kafkacompat import ThreadedBroker
from kafkacompat.embedded.faults import error_code
from tests.support.toolchains import kafka_home_module

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "client-faults.md"
CACHE = HERE.parents[1] / ".cache"
KAFKA = "4.3.1"
DEADLINE_S = 60
"""Longest that a command may take; clients have GIVE_UP_MS."""

INTRODUCTION = f"""\
# What clients do when a broker fails them

Written by `make faults`. Each row is one fault in an embedded broker; each client's program does
one thing (sends a record, reads one, commits an offset, joins a group of the classic protocol) and
tells how that ended. An error is answered twice before it passes, unless it is said otherwise. The
errors are those of Apache Kafka {KAFKA} whose exception is a RetriableException, whether a broker
would answer them there or not. Requests time out after {REQUEST_TIMEOUT_MS // 1000} s, sessions
after 1.5 s, a client has {GIVE_UP_MS // 1000} s in all. The rest is as its makers have set it, but
that franz-go may look for leaders every 100 ms; and its offset is committed by its kadm.

"asks again": there was more than one request. "neither succeeds nor raises": not in those
{GIVE_UP_MS // 1000} s. Seconds are told from {REQUEST_TIMEOUT_MS // 1000} on.
Closing the client is part of them.
"""

PROGRAMS = {
    "kafka-python": "kafka_python_client.py",
    "confluent-kafka": "confluent_client.py",
    "aiokafka": "aiokafka_client.py",
    "Java": "Faults.java",
    "franz-go": "franz_go",
}
"""Each client's program."""


def command_of(client: str) -> list[str]:
    """Return how to start a client's program, which is built when missing."""
    if client == "Java":
        jars = f"{kafka_home_module().build(KAFKA)}/libs/*"
        quiet = "-Dorg.apache.logging.log4j.level=OFF"
        return ["java", "-XX:TieredStopAtLevel=1", quiet, "-cp", jars, str(HERE / PROGRAMS[client])]
    if client == "franz-go":
        program = CACHE / "faults-franz-go"
        module = HERE.parent / "franz_go"
        subprocess.run(["go", "build", "-o", str(program), "./faults"], cwd=module, check=True)
        return [str(program)]
    python = str(python_of("aiokafka")) if client == "aiokafka" else sys.executable
    return [python, "-W", "ignore", str(HERE / PROGRAMS[client])]


def version_of(client: str) -> str:
    """Return the release of a client that is run."""
    if client == "Java":
        return KAFKA
    if client == "franz-go":
        required = (HERE.parent / "franz_go" / "go.mod").read_text().partition("franz-go v")[2]
        return required.split()[0]
    if client == "aiokafka":
        pinned = (HERE.parent / "aiokafka" / "requirements.txt").read_text()
        return pinned.partition("aiokafka==")[2].split()[0]
    return version(client)


class Program:
    """A client's program; commands run at the same time."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._lock = threading.Lock()
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        threading.Thread(target=self._read, daemon=True).start()

    def ask(self, command: dict[str, Any]) -> dict[str, Any]:
        """Give a command and return its answer. Errors: TimeoutError."""
        answer = self._waiting[command["id"]] = Future()
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
        return answer.result(DEADLINE_S)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith('{"id"'):
                said = json.loads(line)
                self._waiting.pop(said["id"]).set_result(said)


@contextmanager
def program(client: str, servers: str) -> Iterator[Program]:
    """Run a client's program."""
    with subprocess.Popen(
        [*command_of(client), servers],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"]},
    ) as process:
        try:
            yield Program(process)
        finally:
            process.kill()


def run(client: str, wanted: list[Scenario]) -> dict[Scenario, str]:
    """Return what a client did in each scenario."""
    with ThreadedBroker() as broker, program(client, broker.bootstrap_servers) as running:

        def one(number: int, scenario: Scenario) -> str:
            return _run_one(broker, running, number, scenario)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(zip(wanted, pool.map(one, range(len(wanted)), wanted), strict=True))


def _run_one(broker: ThreadedBroker, running: Program, number: int, scenario: Scenario) -> str:
    topic, group, client_id = f"t{number}", f"g{number}", f"s{number}"
    broker.create_topic(topic)
    if scenario.action in ("fetch", "join"):
        broker.produce(topic, "x")
    match: dict[str, Any] = {"api": scenario.api, "client_id": client_id}
    fault = dict(scenario.fault)
    if fault.get("code") not in OF_THE_WHOLE_FETCH and scenario.api in ("Produce", "Fetch"):
        match["topic"] = topic
    if "code" in fault:
        fault["code"] = error_code(fault["code"])
    in_force = broker.fault(**fault, **match)
    command = {"id": number, "do": scenario.action, "idempotent": scenario.idempotent}
    command |= {"topic": topic, "group": group, "client_id": client_id}
    said = running.ask(command)
    broker.remove_fault(in_force)
    asked = len(broker.requests(scenario.api, client_id=client_id))
    if fault["kind"] == "throttle":
        asked = 1  # nothing failed: what is asked again is asked for more
    done = None
    if scenario.action == "produce":
        done = len(broker.records(topic))
    elif scenario.action == "commit":
        done = len(broker.committed(group))
    return verdict(said, in_force.fired, asked, done)


def verdict(said: dict[str, Any], fired: int, asked: int, done: int | None) -> str:
    """Say what a client did: `asked` requests, with `done` records or offsets in the end."""
    if not fired:
        return f"did not ask: raises {said['error']}" if said["error"] else "did not ask"
    words = []
    if asked > fired or asked > 1:
        words.append("asks again")
    if said["error"] is None:
        words.append("succeeds")
    elif said["error"]:
        words.append(f"raises {said['error']}")
    else:
        words.append("neither succeeds nor raises")
    if said["seconds"] >= REQUEST_TIMEOUT_MS / 1000 and said["error"] != "":
        words[-1] += f" after {round(said['seconds'])} s"
    if done is not None and done > 1:
        words.append(f"**{done} records**")
    if done == 0 and said["error"] is None:
        words.append("**lost unnoticed**")
    if done and said["error"] is not None:
        words.append("it was done")
    return ", ".join(words)


def page(results: dict[str, dict[Scenario, str]]) -> str:
    """Return the page."""
    lines = [INTRODUCTION]
    names = [f"{client} {version_of(client)}" for client in results]
    every = next(iter(results.values()))
    for api in ACTIONS:
        lines += [f"## {api}", "", f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
        for scenario in every:
            if scenario.api == api:
                cells = " | ".join(found[scenario] for found in results.values())
                lines.append(f"| {scenario.title} | {cells} |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Run what is asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--client", choices=PROGRAMS, help="this one only; the page stays")
    parser.add_argument("--only", default="", help="scenarios whose API and title begin so")
    given = parser.parse_args()
    wanted = [each for each in scenarios() if f"{each.api} {each.title}".startswith(given.only)]
    results = {}
    for client in [given.client] if given.client else PROGRAMS:
        results[client] = run(client, wanted)
        for scenario, what in results[client].items():
            print(f"{client}: {scenario.api} {scenario.title}: {what}", flush=True)
    if not given.client and not given.only:
        PAGE.write_text(page(results))


if __name__ == "__main__":
    main()

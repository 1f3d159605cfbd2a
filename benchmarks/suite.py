"""A hundred tests, each with a topic, a producer and a consumer of its own: what brokers add.

    python -m benchmarks.suite [--write]

The same tests run on a broker of the pytest plugin, as new for each test or with a new name for
each topic, in one process and in two (`-n 2`), and on an Apache Kafka that is started for each
module of twenty tests, as suites with containers do. What a
broker adds is the time of its fixtures; the clients take theirs in either case. `--write` puts the
table into docs/testing.md.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.brokers import KAFKA_VERSION, NO_BYTECODE, ROOT

MODULES, TESTS = 5, 20
PAGE = ROOT / "docs" / "testing.md"
BEGIN, END = "<!-- begin: python -m benchmarks.suite -->", "<!-- end -->"

MODULE = f"""\
import pytest
from confluent_kafka import Consumer, Producer


@pytest.mark.parametrize("number", range({TESTS}))
@pytest.mark.kafka(topics={{"orders": 1}})
def test_what_is_sent_arrives(orders, number):
    servers, topic = orders
    producer = Producer({{"bootstrap.servers": servers}})
    sent = [f"{{number}}-{{each}}".encode() for each in range(10)]
    for value in sent:
        producer.produce(topic, value)
    producer.flush()
    group = {{"group.id": topic, "auto.offset.reset": "earliest"}}
    consumer = Consumer({{"bootstrap.servers": servers}} | group)
    consumer.subscribe([topic])
    got = []
    while len(got) < len(sent):
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            got.append(message.value())
    consumer.close()
    assert got == sent
"""

TIMES = """\
import json
import os

PHASES = {"setup": [], "call": [], "teardown": []}


def pytest_runtest_logreport(report):
    if os.environ.get("PYTEST_XDIST_WORKER") or not hasattr(report, "node"):
        PHASES[report.when].append(report.duration)


def pytest_sessionfinish(session):
    if PHASES["setup"]:
        name = os.environ.get("PYTEST_XDIST_WORKER", "main")
        with open(os.environ["SUITE_TIMES"] + name, "w") as file:
            json.dump(PHASES, file)
"""

OURS = """\
import pytest


@pytest.fixture
def orders(kafka):
    return kafka.bootstrap_servers, "orders"
"""

NAMES = """\
import itertools

import pytest

NUMBERS = itertools.count()


@pytest.fixture
def orders(kafka_broker):
    name = f"orders-{next(NUMBERS)}"
    kafka_broker.create_topics({name: 1})
    return kafka_broker.bootstrap_servers, name
"""

KAFKAS = """\
import itertools
import os
import sys
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

sys.path.insert(0, os.environ["SUITE_HOME"])
import kafka_home

NUMBERS = itertools.count()


def pytest_configure(config):
    config.addinivalue_line("markers", "kafka: see the other conftest")


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    home = kafka_home.build(os.environ["SUITE_VERSION"])
    settings = {"group.initial.rebalance.delay.ms": "0"}
    folder = tmp_path_factory.mktemp("kafka")
    with kafka_home.running_broker(home, folder, settings=settings) as broker:
        yield broker.bootstrap


@pytest.fixture
def orders(servers):
    admin = AdminClient({"bootstrap.servers": servers})
    name = f"orders-{next(NUMBERS)}"
    admin.create_topics([NewTopic(name, 1)])[name].result()
    return servers, name
"""


@dataclass(frozen=True)
class Took:
    """Times in seconds of one run of the suite; of several workers, those of the slowest."""

    whole: float
    once: float
    """The longest that any fixture took: the broker's start."""
    each: float
    """The median of what fixtures took, before and after a test, but for a start."""
    broker: float
    """All that fixtures took."""
    tests: float
    """All that the tests themselves took."""


def run(conftest: str, *arguments: str) -> Took:
    """Run the suite in a process of its own, as often as it takes to have its bytecode."""
    with tempfile.TemporaryDirectory(prefix="suite-") as folder:
        path = Path(folder)
        (path / "conftest.py").write_text(conftest + "\n\n" + TIMES)
        for number in range(MODULES):
            (path / f"test_{number}.py").write_text(MODULE)
        environment = {key: text for key, text in os.environ.items() if key != NO_BYTECODE}
        environment["SUITE_TIMES"] = f"{path}/times-"
        environment["SUITE_HOME"] = str(ROOT / "compat-tests" / "kafka_home")
        environment["SUITE_VERSION"] = KAFKA_VERSION
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
        began = time.monotonic()
        subprocess.run(command, cwd=path, env=environment, check=True, stdout=subprocess.DEVNULL)
        whole = time.monotonic() - began
        workers = [json.loads(file.read_text()) for file in path.glob("times-*")]
    fixtures = [
        [before + after for before, after in zip(w["setup"], w["teardown"], strict=True)]
        for w in workers
    ]
    return Took(
        whole=whole,
        once=max(max(times) for times in fixtures),
        each=max(statistics.median(times) for times in fixtures),
        broker=max(sum(times) for times in fixtures),
        tests=max(sum(w["call"]) for w in workers),
    )


def table(rows: dict[str, Took]) -> str:
    """Return a table in Markdown, with the ratio to the last row."""
    lines = [
        f"| {MODULES * TESTS} tests in {MODULES} modules | whole run | broker's start"
        " | broker, a test | broker, all | clients, all |",
        "|---|---|---|---|---|---|",
    ]
    for name, took in rows.items():
        lines.append(
            f"| {name} | {took.whole:.1f} s | {took.once * 1e3:,.0f} ms | {took.each * 1e3:.1f} ms"
            f" | {took.broker:.2f} s | {took.tests:.1f} s |"
        )
    ours, *_, kafka = rows.values()
    lines.append("")
    lines.append(
        f"What the broker adds is {kafka.broker / ours.broker:,.0f} times less; the whole run is"
        f" {kafka.whole / ours.whole:.1f} times as fast."
    )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the table into docs/testing.md")
    given = parser.parse_args(arguments)
    run(OURS)  # whatever has to be compiled
    rows = {
        "kafkacompat, as new for each test": run(OURS),
        "the same, `-n 2`": run(OURS, "-n", "2"),
        "kafkacompat, a new topic for each test": run(NAMES),
        "the same with `-n 2`": run(NAMES, "-n", "2"),
        f"Apache Kafka {KAFKA_VERSION}, one for each module": run(KAFKAS),
    }
    text = table(rows)
    print(text)
    if given.write:
        page = PAGE.read_text()
        before, _, rest = page.partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


if __name__ == "__main__":
    main()

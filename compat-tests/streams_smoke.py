"""Kafka Streams with exactly_once_v2, by Kafka's own smoke test, while the broker is killed.

    python compat-tests/streams_smoke.py [--kills 5] [--seed N]

Two processes of Kafka's StreamsSmokeTest: one writes and in the end verifies every aggregate,
the other is the application between. Its verifier must find each result exact (T1, T2, D1).
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import AdminClient, NewTopic

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent / "kafka_home"))

import kafka_home
from broker_process import BrokerProcess

TOPICS = (
    *("data", "echo", "max", "min", "min-suppressed", "min-raw", "dif", "sum"),
    *("sws-raw", "sws-suppressed", "cnt", "avg", "tagg", "fk"),
)
"""What StreamsSmokeTest expects to be there."""
PARTITIONS = 5
PATIENCE_S = 240
VERDICT = "SUCCESS"


@dataclass(frozen=True, slots=True)
class Plan:
    """How often the broker is killed, and how long it lives between, in seconds."""

    kills: int = 5
    seed: int = 1
    shortest_life_s: float = 3.0
    longest_life_s: float = 5.0

    def lives(self) -> list[float]:
        """Return after how many seconds each kill comes, since the start before."""
        chance = random.Random(self.seed)
        between = self.shortest_life_s, self.longest_life_s
        return [chance.uniform(*between) for _ in range(self.kills)]


@dataclass(slots=True)
class Report:
    """What happened."""

    kills: int = 0
    exit_code: int | None = None
    """Of the verifier; None if it did not end."""
    said: str = ""
    """What the verifier printed."""
    seconds: float = 0.0

    @property
    def is_exact(self) -> bool:
        """Whether the verifier found every result right."""
        return self.exit_code == 0 and VERDICT in self.said.split()


def run(plan: Plan, home: Path, folder: Path) -> Report:
    """Run it in a folder of its own, and kill the broker by plan."""
    report = Report()
    began = time.monotonic()
    broker = BrokerProcess(folder / "data").start()
    processes: list[subprocess.Popen[bytes]] = []
    try:
        _make_topics(broker.bootstrap)
        properties = folder / "streams.properties"
        properties.write_text(_properties(broker.bootstrap, folder / "state"))
        script = str(home / "bin" / "kafka-streams-smoke.sh")
        for role in ("process", "run"):
            with (folder / role).open("wb") as log:
                command = [script, str(properties), role]
                processes.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT))
        verifier = processes[-1]
        for life_s in plan.lives():
            if _ends_within(verifier, life_s):
                break
            broker.kill()
            broker.start()
            report.kills += 1
        if _ends_within(verifier, PATIENCE_S):
            report.exit_code = verifier.returncode
    finally:
        for process in processes:
            process.kill()
            process.wait()
        broker.stop()
    report.said = (folder / "run").read_text(errors="replace")
    report.seconds = time.monotonic() - began
    return report


def _make_topics(bootstrap: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for made in admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in TOPICS]).values():
        made.result(30)


def _properties(bootstrap: str, state: Path) -> str:
    settings = {
        "bootstrap.servers": bootstrap,
        "state.dir": str(state),
        "num.threads": "3",
        "processing.guarantee": "exactly_once_v2",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _ends_within(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def plan_of(arguments: list[str]) -> Plan:
    """Read a command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=Plan().kills)
    parser.add_argument("--seed", type=int, default=Plan().seed)
    return Plan(**vars(parser.parse_args(arguments)))


def main() -> None:
    """Run it from the command line."""
    plan = plan_of(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="streams-smoke-") as folder:
        report = run(plan, kafka_home.build("4.3.1"), Path(folder))
    is_right = report.is_exact and report.kills == plan.kills
    if not is_right:
        print(report.said[-3000:])
    print(
        f"broker killed {report.kills} of {plan.kills} times; verifier ended with "
        f"{report.exit_code} after {report.seconds:.1f} s; exact: {'yes' if is_right else 'no'}"
    )
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()

"""Build a home of the real Apache Kafka out of Maven, and run a broker of it.

A home has Kafka's own layout: `bin/kafka-*.sh`, `libs/*.jar`, `config/server.properties`.
It lies in the project's `.cache/kafka-home/<version>` and is built once (about a minute,
130 MB). From a shell: `python compat-tests/kafka_home/kafka_home.py 4.3.1` prints its path.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".cache" / "kafka-home"

_TOOLS = "org.apache.kafka.tools"
MAIN_CLASSES = {
    "kafka-server-start": "kafka.Kafka",
    "kafka-storage": "kafka.tools.StorageTool",
    "kafka-configs": "kafka.admin.ConfigCommand",
    "kafka-dump-log": f"{_TOOLS}.DumpLogSegments",
    "kafka-topics": f"{_TOOLS}.TopicCommand",
    "kafka-acls": f"{_TOOLS}.AclCommand",
    "kafka-broker-api-versions": f"{_TOOLS}.BrokerApiVersionsCommand",
    "kafka-client-metrics": f"{_TOOLS}.ClientMetricsCommand",
    "kafka-cluster": f"{_TOOLS}.ClusterTool",
    "kafka-console-consumer": f"{_TOOLS}.consumer.ConsoleConsumer",
    "kafka-console-producer": f"{_TOOLS}.ConsoleProducer",
    "kafka-console-share-consumer": f"{_TOOLS}.consumer.ConsoleShareConsumer",
    "kafka-consumer-groups": f"{_TOOLS}.consumer.group.ConsumerGroupCommand",
    "kafka-consumer-perf-test": f"{_TOOLS}.ConsumerPerformance",
    "kafka-delegation-tokens": f"{_TOOLS}.DelegationTokenCommand",
    "kafka-delete-records": f"{_TOOLS}.DeleteRecordsCommand",
    "kafka-e2e-latency": f"{_TOOLS}.EndToEndLatency",
    "kafka-features": f"{_TOOLS}.FeatureCommand",
    "kafka-get-offsets": f"{_TOOLS}.GetOffsetShell",
    "kafka-groups": f"{_TOOLS}.GroupsCommand",
    "kafka-leader-election": f"{_TOOLS}.LeaderElectionCommand",
    "kafka-log-dirs": f"{_TOOLS}.LogDirsCommand",
    "kafka-metadata-quorum": f"{_TOOLS}.MetadataQuorumCommand",
    "kafka-metadata-shell": "org.apache.kafka.shell.MetadataShell",
    "kafka-producer-perf-test": f"{_TOOLS}.ProducerPerformance",
    "kafka-reassign-partitions": f"{_TOOLS}.reassign.ReassignPartitionsCommand",
    "kafka-replica-verification": f"{_TOOLS}.ReplicaVerificationTool",
    "kafka-share-groups": f"{_TOOLS}.consumer.group.ShareGroupCommand",
    "kafka-share-consumer-perf-test": f"{_TOOLS}.ShareConsumerPerformance",
    "kafka-streams-application-reset": f"{_TOOLS}.StreamsResetter",
    "kafka-streams-groups": f"{_TOOLS}.streams.StreamsGroupCommand",
    "kafka-streams-smoke": "org.apache.kafka.streams.tests.StreamsSmokeTest",
    "kafka-transactions": f"{_TOOLS}.TransactionsCommand",
    "kafka-txn-copier": f"{_TOOLS}.TransactionalMessageCopier",
    "kafka-verifiable-consumer": f"{_TOOLS}.VerifiableConsumer",
    "kafka-verifiable-producer": f"{_TOOLS}.VerifiableProducer",
    "kafka-verifiable-share-consumer": f"{_TOOLS}.VerifiableShareConsumer",
    "connect-distributed": "org.apache.kafka.connect.cli.ConnectDistributed",
    "connect-standalone": "org.apache.kafka.connect.cli.ConnectStandalone",
}
# Main classes before the named version, where a later Kafka moved them.
MOVED = [
    ((4, 0), "kafka-console-producer", "kafka.tools.ConsoleProducer"),
    ((4, 0), "kafka-acls", "kafka.admin.AclCommand"),
    ((4, 0), "kafka-broker-api-versions", "kafka.admin.BrokerApiVersionsCommand"),
    ((4, 3), "kafka-dump-log", "kafka.tools.DumpLogSegments"),
]

RUN_CLASS = """\
#!/bin/bash
# Run a class of this home; brokers and Connect log at INFO to stdout, tools at WARN to stderr.
home=$(cd "$(dirname "$0")/.." && pwd)
case $1 in kafka.Kafka | *.connect.*) log=broker ;; *) log=tools ;; esac
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" ${KAFKA_HEAP_OPTS:--Xmx512m} \\
  ${KAFKA_JVM_PERFORMANCE_OPTS:-} @LOG_OPTION@"$home/config/log-$log.properties" \\
  $KAFKA_LOG4J_OPTS $KAFKA_OPTS -cp "${CLASSPATH:+$CLASSPATH:}$home/libs/*" "$@"
"""
RUN_TOOL = '#!/bin/bash\nexec "$(dirname "$0")"/kafka-run-class.sh {} "$@"\n'

RELOAD4J = """\
log4j.rootLogger={level},C
log4j.appender.C=org.apache.log4j.ConsoleAppender
log4j.appender.C.Target=System.{stream}
log4j.appender.C.layout=org.apache.log4j.PatternLayout
log4j.appender.C.layout.ConversionPattern=[%d] %p %m (%c)%n
"""
LOG4J2 = """\
rootLogger.level={level}
rootLogger.appenderRef.c.ref=C
appender.c.type=Console
appender.c.name=C
appender.c.target=SYSTEM_{STREAM}
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=[%d] %p %m (%c)%n
"""
# One node that is broker and controller, quick to settle.
SERVER_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
"""


class KafkaHomeError(Exception):
    """A home cannot be built or its broker cannot be started; the text says what to do."""


@dataclass(frozen=True, slots=True)
class RunningBroker:
    """A broker process of a home."""

    home: Path
    directory: Path
    port: int
    controller_port: int
    pid: int

    @property
    def bootstrap(self) -> str:
        """Where clients connect, as `host:port`."""
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the broker prints."""
        return self.directory / "broker.log"


def build(version: str) -> Path:
    """Return the home of Apache Kafka `version` (such as "4.3.1"), building it when missing.

    Two processes at once wait for one another; a home appears whole or not at all.

    Errors: KafkaHomeError when Java or Maven is missing or Maven fails.
    """
    home = CACHE / version
    if home.exists():
        return home
    java = java_command()
    maven = shutil.which("mvn")
    if java is None or maven is None:
        missing = "Java 17 or later (java)" if java is None else "Maven (mvn)"
        raise KafkaHomeError(f"a Kafka home needs {missing}, which is not installed")
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            _build_into(home, version, maven)
    return home


def java_command() -> str | None:
    """Return the `java` that scripts of a home will run, or None."""
    java_home = os.environ.get("JAVA_HOME")
    return shutil.which(str(Path(java_home) / "bin" / "java") if java_home else "java")


def _build_into(home: Path, version: str, maven: str) -> None:
    with tempfile.TemporaryDirectory(prefix=f".{version}-", dir=CACHE) as scratch:
        draft = Path(scratch) / "home"
        _download(version, draft / "libs", maven)
        _write_scripts(version, draft / "bin")
        _write_config(version, draft / "config")
        draft.rename(home)


def _download(version: str, libs: Path, maven: str) -> None:
    """Copy the jars of a version and of all that they need."""
    libs.mkdir(parents=True)
    shutil.copy(HERE / "pom.xml", libs.parent / "pom.xml")
    profile = "reload4j" if _number(version) < (4, 0) else "log4j2"
    command = [maven, "-q", "-B", "-f", str(libs.parent / "pom.xml"), f"-Dkafka.version={version}"]
    command += ["-P", profile, "dependency:copy-dependencies", "-DincludeScope=runtime"]
    command += [f"-DoutputDirectory={libs}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise KafkaHomeError(f"Maven could not fetch Kafka {version}:\n{done.stdout}{done.stderr}")


def _number(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def main_classes(version: str) -> dict[str, str]:
    """Return the class that each script of a version's home runs."""
    earlier = {name: main for until, name, main in MOVED if _number(version) < until}
    return {**MAIN_CLASSES, **earlier}


def _write_scripts(version: str, folder: Path) -> None:
    folder.mkdir()
    classes = main_classes(version)
    scripts = {name: RUN_TOOL.format(main_class) for name, main_class in classes.items()}
    option = "-Dlog4j.configuration=file:"
    if _number(version) >= (4, 0):
        option = "-Dlog4j2.configurationFile=file:"
    scripts["kafka-run-class"] = RUN_CLASS.replace("@LOG_OPTION@", option)
    for name, text in scripts.items():
        path = folder / f"{name}.sh"
        path.write_text(text)
        path.chmod(0o755)


def _write_config(version: str, folder: Path) -> None:
    folder.mkdir()
    template = RELOAD4J if _number(version) < (4, 0) else LOG4J2
    for name, level, stream in [("broker", "INFO", "out"), ("tools", "WARN", "err")]:
        text = template.format(level=level, stream=stream, STREAM=stream.upper())
        (folder / f"log-{name}.properties").write_text(text)
    (folder / "server.properties").write_text(SERVER_PROPERTIES)


@contextmanager
def running_broker(
    home: Path,
    directory: Path,
    *,
    settings: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    port: int = 0,
    deadline_s: float = 90,
) -> Iterator[RunningBroker]:
    """Run a broker of `home` on loopback, with all of its files in `directory`.

    It takes free ports, or clients connect to the `port` that is given.

    An empty directory is formatted first; one that was used before is opened as it is.
    `settings` are added to server.properties, `environment` to the process's own.

    Errors: KafkaHomeError with the end of the broker's log when it does not start.
    """
    free_port, controller_port = free_ports(2)
    port = port or free_port
    directory.mkdir(parents=True, exist_ok=True)
    properties = directory / "server.properties"
    properties.write_text(_properties(directory, port, controller_port, settings or {}))
    env = {**os.environ, **(environment or {})}
    if not (directory / "data" / "meta.properties").exists():
        _format(home, properties, env)
    log = (directory / "broker.log").open("wb")
    with log:
        command = [str(home / "bin" / "kafka-server-start.sh"), str(properties)]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=env)
    broker = RunningBroker(home, directory, port, controller_port, process.pid)
    try:
        _wait_until_started(process, broker, deadline_s)
        yield broker
    finally:
        stop(process)


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody listens on at the moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def _properties(
    directory: Path, port: int, controller_port: int, settings: Mapping[str, str]
) -> str:
    lines = {
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.quorum.voters": f"{settings.get('node.id', '1')}@127.0.0.1:{controller_port}",
        "log.dirs": str(directory / "data"),
        **settings,
    }
    return SERVER_PROPERTIES + "".join(f"{name}={value}\n" for name, value in lines.items())


def _format(home: Path, properties: Path, env: Mapping[str, str]) -> None:
    storage = str(home / "bin" / "kafka-storage.sh")
    command = [storage, "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", str(properties)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise KafkaHomeError(f"kafka-storage.sh format failed:\n{done.stdout}{done.stderr}")


def _wait_until_started(
    process: "subprocess.Popen[bytes]", broker: RunningBroker, deadline_s: float
) -> None:
    give_up = time.monotonic() + deadline_s
    while b"Kafka Server started" not in broker.log.read_bytes():
        if process.poll() is not None or time.monotonic() > give_up:
            tail = broker.log.read_text(errors="replace")[-3000:]
            raise KafkaHomeError(f"the broker of {broker.home} did not start:\n{tail}")
        time.sleep(0.05)


def stop(process: "subprocess.Popen[bytes]", patience_s: float = 30) -> None:
    """Ask a broker to shut down, and kill it when it does not."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def main() -> None:
    """Print the path of the home of the version named on the command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: kafka_home.py VERSION")
    try:
        print(build(sys.argv[1]))
    except KafkaHomeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

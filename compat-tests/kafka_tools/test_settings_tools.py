"""Kafka's tools for settings say the same of Apache Kafka and of this broker, whatever is asked.

Every command is run against both, in order: one sees what those before it have done. Left out of
answers is what differs by nature: keys and features that only one of them has, and defaults of the
machine.
"""

import re
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from java_commands import Command, JavaCommands, masked_lines
from kafka_tools.sides import IS_4, OF_4, Reasons, home, judge, subject, tool, unlike

pytestmark = pytest.mark.java

TOOLS = "org.apache.kafka.tools"
CONFIGS = "kafka.admin.ConfigCommand"
METRICS = f"{TOOLS}.ClientMetricsCommand"
ACLS = tool("kafka-acls")
FEATURES = f"{TOOLS}.FeatureCommand"
TOKENS = f"{TOOLS}.DelegationTokenCommand"

SETTINGS = {
    "offsets.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "log.retention.ms": "90000000",
}
TRIES = 50
IMPATIENT = "default.api.timeout.ms=2000\nrequest.timeout.ms=1000\n"
OWN_KEYS = re.compile(r"^ *(kafkacompat|kraft\.|streams\.)|Feature: (kraft|streams)\.")
"""Lines of what one of the two does not have."""
EPOCH = re.compile(r"Epoch: \d+")


def altering(kind: str, name: str, *what: str) -> Command:
    return (CONFIGS, "--alter", "--entity-type", kind, "--entity-name", name, *what)


def describing(kind: str, name: str, *what: str) -> Command:
    return (CONFIGS, "--describe", "--entity-type", kind, "--entity-name", name, *what)


TOPIC_COMMANDS: tuple[Command, ...] = (
    describing("topics", "t"),
    describing("topics", "t", "--all"),
    altering("topics", "t", "--add-config", "retention.ms=5000,cleanup.policy=[compact,delete]"),
    describing("topics", "t"),
    altering("topics", "t", "--delete-config", "retention.ms"),
    altering("topics", "t", "--delete-config", "no.such"),
    altering("topics", "t", "--add-config", "retention.ms=soon"),
    altering("topics", "t", "--add-config", "no.such=1"),
    altering("topics", "missing", "--add-config", "retention.ms=1"),
    describing("topics", "missing"),
)
BROKER_COMMANDS: tuple[Command, ...] = (
    (CONFIGS, "--describe", "--entity-type", "brokers", "--entity-default"),
    describing("brokers", "1"),
    altering("brokers", "1", "--add-config", "message.max.bytes=2000000"),
    (CONFIGS, "--alter", "--broker-defaults", "--add-config", "message.max.bytes=3000000"),
    describing("brokers", "1"),
    (CONFIGS, "--describe", "--broker-defaults"),
    describing("topics", "t", "--all"),
    altering("brokers", "1", "--add-config", "message.max.bytes=much"),
    altering("brokers", "1", "--add-config", "log.dirs=x,broker.rack=y"),
    altering("brokers", "1", "--add-config", "my.own=x"),
    describing("brokers", "1"),
    altering("brokers", "1", "--delete-config", "message.max.bytes,my.own"),
    (CONFIGS, "--alter", "--broker-defaults", "--delete-config", "message.max.bytes"),
    (CONFIGS, "--alter", "--broker-defaults", "--delete-config", "min.insync.replicas"),
    altering("broker-loggers", "1", "--add-config", "no.such=INFO"),
    altering("broker-loggers", "1", "--add-config", "root=INFO"),
    describing("broker-loggers", "x"),
)
GROUP_COMMANDS: tuple[Command, ...] = (
    altering("groups", "g", "--add-config", "consumer.session.timeout.ms=50000"),
    describing("groups", "g", "--all"),
    (CONFIGS, "--describe", "--entity-type", "groups"),
    altering("groups", "g", "--add-config", "consumer.session.timeout.ms=1"),
    altering("groups", "g", "--add-config", "no.such=1"),
    altering("groups", "g", "--delete-config", "consumer.session.timeout.ms"),
    (CONFIGS, "--alter", "--entity-type", "groups", "--add-config", "x=1"),
)
QUOTA_COMMANDS: tuple[Command, ...] = (
    altering("users", "u", "--add-config", "producer_byte_rate=1024,request_percentage=50.5"),
    altering("clients", "c", "--add-config", "consumer_byte_rate=1024"),
    (CONFIGS, "--alter", "--user-defaults", "--add-config", "controller_mutation_rate=10"),
    (
        *(CONFIGS, "--alter", "--entity-type", "users", "--entity-name", "u"),
        *("--entity-type", "clients", "--entity-name", "c"),
        *("--add-config", "producer_byte_rate=2048"),
    ),
    altering("ips", "127.0.0.1", "--add-config", "connection_creation_rate=7"),
    altering("users", "u", "--add-config", "no_such=7"),
    altering("users", "u", "--add-config", "producer_byte_rate=many"),
    describing("users", "u"),
    describing("ips", "127.0.0.1"),
    (CONFIGS, "--describe", "--entity-type", "users"),
    (CONFIGS, "--describe", "--user-defaults"),
    (CONFIGS, "--describe", "--entity-type", "users", "--entity-type", "clients"),
    altering("users", "u", "--delete-config", "producer_byte_rate,request_percentage"),
    altering("users", "s", "--add-config", "SCRAM-SHA-256=[iterations=4096,password=x]"),
    altering("users", "s", "--add-config", "SCRAM-SHA-512=[iterations=1,password=x]"),
    describing("users", "s"),
    (CONFIGS, "--describe", "--entity-type", "users"),
    altering("users", "s", "--delete-config", "SCRAM-SHA-256"),
    describing("users", "s"),
)
METRICS_COMMANDS: tuple[Command, ...] = (
    (METRICS, "--list"),
    (METRICS, "--describe"),
    (
        *(METRICS, "--alter", "--name", "m", "--metrics", "org.apache.kafka.producer.,b"),
        *("--interval", "30000", "--match", "client_id=x.*,client_software_name=apache"),
    ),
    (METRICS, "--list"),
    (METRICS, "--describe", "--name", "m"),
    (METRICS, "--describe"),
    (METRICS, "--alter", "--name", "m", "--interval", "1"),
    (METRICS, "--alter", "--name", "m", "--match", "nonsense"),
    (METRICS, "--alter", "--name", "m", "--metrics", "", "--interval", "", "--match", ""),
    describing("client-metrics", "m"),
    (METRICS, "--delete", "--name", "m"),
)
ACL = ("--allow-principal", "User:u", "--operation", "Read", "--topic", "t")
SECURITY_COMMANDS: tuple[Command, ...] = (
    (ACLS, "--list"),
    (ACLS, "--add", *ACL),
    (ACLS, "--remove", "--force", *ACL),
    (TOKENS, "--create", "--max-life-time-period", "-1", "--command-config", "{impatient}"),
    (
        *(TOKENS, "--renew", "--renew-time-period", "-1", "--hmac", "aG1hYw=="),
        *("--command-config", "{impatient}"),
    ),
    (
        *(TOKENS, "--expire", "--expiry-time-period", "-1", "--hmac", "aG1hYw=="),
        *("--command-config", "{impatient}"),
    ),
    (TOKENS, "--describe", "--command-config", "{impatient}"),
)
FEATURE_COMMANDS: tuple[Command, ...] = (
    (FEATURES, "describe"),
    (FEATURES, "version-mapping", "--release-version", "4.0"),
    (FEATURES, "feature-dependencies", "--feature", "eligible.leader.replicas.version=1"),
    (FEATURES, "upgrade", "--feature", "transaction.version=2"),
    (FEATURES, "upgrade", "--feature", "transaction.version=3"),
    (FEATURES, "upgrade", "--metadata", "4.2"),
    (FEATURES, "downgrade", "--feature", "transaction.version=1", "--dry-run"),
    (FEATURES, "downgrade", "--feature", "transaction.version=1"),
    (FEATURES, "downgrade", "--feature", "transaction.version=2"),
    (FEATURES, "describe"),
    (FEATURES, "disable", "--feature", "transaction.version"),
    (FEATURES, "disable", "--feature", "metadata.version", "--unsafe"),
    (FEATURES, "disable", "--feature", "no.such"),
    (FEATURES, "upgrade", "--feature", "transaction.version=2", "--feature", "group.version=1"),
    (FEATURES, "describe"),
)
COMMANDS = (
    *TOPIC_COMMANDS,
    *BROKER_COMMANDS,
    *GROUP_COMMANDS,
    *QUOTA_COMMANDS,
    *METRICS_COMMANDS,
    *SECURITY_COMMANDS,
    *FEATURE_COMMANDS,
)
ALIKE_IN_3 = (
    (FEATURES, "upgrade", "--metadata", "4.2"),
    (FEATURES, "disable", "--feature", "transaction.version"),
)
DEFAULTS = f"its own defaults and keys; eligible leader replicas: {OF_4}"
REASONS_OF_3: Reasons = {
    describing("topics", "t", "--all"): DEFAULTS,
    (CONFIGS, "--describe", "--entity-type", "brokers", "--entity-default"): DEFAULTS,
    (CONFIGS, "--describe", "--broker-defaults"): DEFAULTS,
    (CONFIGS, "--alter", "--broker-defaults", "--delete-config", "min.insync.replicas"): DEFAULTS,
    altering("brokers", "1", "--add-config", "log.dirs=x,broker.rack=y"): f"the words: {OF_4}",
    **{
        command: f"features and their versions: {OF_4}"
        for command in FEATURE_COMMANDS
        if command[1] in ("describe", "upgrade", "downgrade", "disable")
        and command not in ALIKE_IN_3
    },
}
REASONS: Reasons = {} if IS_4 else REASONS_OF_3


def wait_for_own_key(tools: JavaCommands, bootstrap: str) -> None:
    """Kafka answers before the broker has read what it was told."""
    asked = describing("brokers", "1")
    for _ in range(TRIES):
        if "my.own" in tools.run(asked[0], "--bootstrap-server", bootstrap, *asked[1:]):
            return
    raise AssertionError("the broker's own key never appeared")


def answers(tools: JavaCommands, bootstrap: str, impatient: Path) -> list[list[str]]:
    """Return what every command prints, masked."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    admin.create_topics([NewTopic("t", 1, 1)])["t"].result()
    found = []
    for main_class, *arguments in COMMANDS:
        given = [each.replace("{impatient}", str(impatient)) for each in arguments]
        text = tools.run(main_class, "--bootstrap-server", bootstrap, *given)
        if "my.own=x" in given:
            wait_for_own_key(tools, bootstrap)
        lines = masked_lines(EPOCH.sub("Epoch: <epoch>", text))
        found.append([line for line in lines if not OWN_KEYS.search(line)])
    return found


def test_every_command_about_settings_says_the_same(tmp_path: Path) -> None:
    impatient = tmp_path / "impatient"
    impatient.write_text(IMPATIENT)
    with JavaCommands(home()) as tools:
        with judge(tmp_path / "kafka", SETTINGS) as side:
            expected = answers(tools, side.bootstrap, impatient)
        with subject(tmp_path / "subject", SETTINGS) as side:
            found = answers(tools, side.bootstrap, impatient)

    assert unlike(COMMANDS, expected, found, REASONS) == []

"""Tools that write, read and measure records say the same of Apache Kafka and of this broker.

So does the dump of the files that each of them leaves. Ids, times, sizes and rates are masked.
"""

import re
import subprocess
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from java_commands import Command, JavaCommands, masked_lines
from kafka_tools.record_commands import (
    CONSUMER,
    DESCRIBED,
    DUMPING,
    EVERY,
    FORMATTED_TRANSACTIONS,
    INPUT,
    OFFSETS,
    OFFSETS_DUMP,
    SHARE_CONSUMER,
    TOPICS,
    TRANSACTIONS_DUMP,
    VERIFIABLE_PRODUCER,
    VERSIONS,
)
from kafka_tools.sides import IS_4, OF_4, Reasons, Side, home, judge, subject, unlike

pytestmark = pytest.mark.java

DEADLINE_S = 60
PATIENCE_MS = 10_000
"""A consumer that hears nothing for so long ends, having said less than it should."""
SETTINGS = {
    "num.partitions": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
}
MASKS = tuple(
    (re.compile(pattern, re.MULTILINE), mask)
    for pattern, mask in (
        (r"(?<=\})\{", "\n{"),
        (r"\b1[789]\d{11}\b", "<time>"),
        (r"\b(console|perf)-consumer-\d+\b(?!-)", r"\1-consumer-<number>"),
        (r"\bconsumer-(of-\w+)-\d+\b", r"consumer-\1-<number>"),
        (r'"metadataHash":-?\d+', '"metadataHash":<hash of ids>'),
        (r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d:\d{3}", "<when>"),
        # producer-perf-test, of which the count of records is left
        (r"^(\d+ records sent), .*(th\.|latency\.)$", r"\1, <rates>"),
        (r"^([a-z]+(?:-[a-z]+)*)-metrics(:.*?) +: \S+$", r"\1 metrics\2 : <value>"),
        # consumer-perf-test, of which megabytes and records are left
        (r"^(<when>, <when>, [\d.]+), [\d.]+, (\d+), [\d.]+(, \d+){2}(, [\d.]+){2}$", r"\1, \2"),
        (r"^(<when>, \d+, [\d.]+), [\d.]+, (\d+), [\d.]+(, \d+){2}(, [\d.]+){2}$", r"\1, \2"),
        # e2e-latency, verifiable-producer
        (r"^(\d+)\t[\d.]+$", r"\1\t<latency>"),
        (r"^(Avg latency|Percentiles): .*$", r"\1: <latency>"),
        (r'"avg_throughput":[\d.]+', '"avg_throughput":<rate>'),
        # dump-log: a time further from the batch's takes a byte more
        (r"\b(position|size|keySize|valueSize|crc): \d+", r"\1: <number>"),
        # consumers are told of no partitions, or not, before they are told of theirs
        (r'^.*"partitions_assigned","partitions":\[\].*\n', ""),
        # what we write else into the coordinators' topics, see docs/differences.md
        (r'"version":4(,"data":\{"offset".*?),"topicId":"[^"]*"', r'"version":3\1'),
        (r'"previousProducerId":0,', ""),
        (r'^.*"protocolType":"","generation":0.*\n', ""),
        (r"\}Processed a total of \d+ messages$", "}"),
        (r"(?<![\w-])[A-Za-z0-9_-]{22}(?![\w-])", "<id>"),
        (r" {2,}", " "),
    )
)
NEW_GROUP = "Kafka also writes a record of a classic group that has just been made and is empty"
NEW_ID = "Kafka names the producer id of a new transactional id twice in its first record"
REASONS_OF_3: Reasons = {
    FORMATTED_TRANSACTIONS: f"transactions of version 2: {OF_4}",
    OFFSETS_DUMP: f"order of records: {OF_4}",
    **{(TOPICS, "--describe", *which): f"min.insync.replicas: {OF_4}" for which in DESCRIBED},
}
REASONS_OF_4: Reasons = {
    (OFFSETS,): NEW_GROUP,
    OFFSETS_DUMP: NEW_GROUP,
    TRANSACTIONS_DUMP: NEW_ID,
}
REASONS = REASONS_OF_4 if IS_4 else REASONS_OF_3
API = re.compile(
    r"^\t(\w+)\(\d+\): (?:(\d+)(?: to (\d+))? \[usable: (\d+)\]|UNSUPPORTED)", re.MULTILINE
)
NOT_SPOKEN = {
    "SaslHandshake": "security is still missing",
    "SaslAuthenticate": "security is still missing",
    "StreamsGroupHeartbeat": "streams groups are still missing",
    "StreamsGroupDescribe": "streams groups are still missing",
    "InitializeShareGroupState": "only brokers ask one another",
    "ReadShareGroupState": "only brokers ask one another",
    "WriteShareGroupState": "only brokers ask one another",
    "DeleteShareGroupState": "only brokers ask one another",
    "ReadShareGroupStateSummary": "only brokers ask one another",
}


def make_transactions(bootstrap: str) -> Producer:
    """Commit one, abort one, and leave one open; return who has that open."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    admin.create_topics([NewTopic("txn", 1, 1)])["txn"].result()
    settings = {"transactional.id": "x", "transaction.timeout.ms": 600_000, "log_level": 0}
    producer = Producer({"bootstrap.servers": bootstrap, **settings})
    producer.init_transactions(DEADLINE_S)
    for value in (b"committed", b"aborted", b"open"):
        producer.begin_transaction()
        producer.produce("txn", value, key=b"k")
        assert producer.flush(DEADLINE_S) == 0
        if value == b"committed":
            producer.commit_transaction(DEADLINE_S)
        elif value == b"aborted":
            producer.abort_transaction(DEADLINE_S)
    return producer


OF_A_STREAM = "{logs}/v-0/"
"""Records that fall into batches by the moment, more or fewer of them on a busy machine."""


def run(tools: JavaCommands, side: Side, files: Path, command: Command) -> list[str]:
    main_class, *rest = command
    words = [word.replace("{at}", side.bootstrap) for word in rest]
    words = [word.replace("{logs}", str(side.dirs[0])) for word in words]
    words = [f"<{files / word[1:]}" if word.startswith("<") else word for word in words]
    if not any("{" in word for word in rest):
        words += ["--bootstrap-server", side.bootstrap]
    if main_class in (CONSUMER, SHARE_CONSUMER) and "--timeout-ms" not in words:
        words += ["--timeout-ms", str(PATIENCE_MS)]
    if main_class == VERIFIABLE_PRODUCER:  # says the last of it when its process ends
        command_line = [home() / "bin" / "kafka-verifiable-producer.sh", *words]
        done = subprocess.run(command_line, capture_output=True, text=True, check=True)
        return masked(done.stdout, side)
    said = masked(tools.run(main_class, *words), side)
    if any(word.startswith(OF_A_STREAM) for word in rest):
        said = [line for line in said if not line.startswith("baseOffset:")]
    return said


def masked(text: str, side: Side) -> list[str]:
    text = text.replace(str(side.dirs[0]), "<logs>")
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    return masked_lines(text)


def answers(tools: JavaCommands, side: Side, files: Path) -> list[list[str]]:
    open_one = make_transactions(side.bootstrap)
    found = [run(tools, side, files, command) for command in EVERY]
    open_one.abort_transaction(DEADLINE_S)
    return found


def versions(tools: JavaCommands, side: Side) -> dict[str, tuple[int, int, int]]:
    """Return the first and last version of each API, and the one that the tool would use."""
    told = tools.run(VERSIONS, "--bootstrap-server", side.bootstrap)
    return {
        name: (int(first), int(last or first), int(usable))
        for name, first, last, usable in API.findall(told)
        if usable
    }


def narrower(
    expected: dict[str, tuple[int, int, int]], found: dict[str, tuple[int, int, int]]
) -> dict[str, object]:
    """Return the APIs of which not all versions are there, or not the same one would be used."""
    absent = dict.fromkeys(expected.keys() - found.keys() - NOT_SPOKEN.keys(), "absent")
    return absent | {
        name: (theirs, found[name])
        for name, theirs in expected.items()
        if name in found
        if not (found[name][0] <= theirs[0] and found[name][1] >= theirs[1])
        or found[name][2] != theirs[2]
    }


def test_every_command_about_records_says_the_same(tmp_path: Path) -> None:
    for name, text in INPUT.items():
        (tmp_path / name).write_text(text)
    found, spoken = [], []
    with JavaCommands(home()) as tools:
        for start in (judge, subject):
            with start(tmp_path / start.__name__, SETTINGS) as side:
                said = answers(tools, side, tmp_path)
                spoken.append(versions(tools, side))
            found.append(said + [run(tools, side, tmp_path, command) for command in DUMPING])

    assert unlike((*EVERY, *DUMPING), found[0], found[1], REASONS) == []
    assert len(spoken[0]) > 40
    assert narrower(spoken[0], spoken[1]) == {}

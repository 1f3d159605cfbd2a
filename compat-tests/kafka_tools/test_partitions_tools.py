"""Tools about partitions, their places and the quorum say the same of Apache Kafka and of this.

Every command is run against both, in order. Log directories, sizes of disks, times and the log of
the metadata are masked; the lines of an answer may come in any order. What asks for a topic or a
broker that does not exist is left out where the tool would wait a minute for it.
"""

import json
import re
from pathlib import Path

import pytest
from java_commands import JavaCommands, masked_lines
from kafka_tools.sides import IS_4, OF_4, Reasons, Side, home, judge, subject, unlike

from kafkacompat_protocol.messages.describe_log_dirs import DescribeLogDirsRequest
from tests.support.node import WireClient
from tests.support.produced import batch, produce_request

pytestmark = pytest.mark.java

_TOOLS = "org.apache.kafka.tools"
TOPICS = f"{_TOOLS}.TopicCommand"
DELETE = f"{_TOOLS}.DeleteRecordsCommand"
OFFSETS = f"{_TOOLS}.GetOffsetShell"
ELECT = f"{_TOOLS}.LeaderElectionCommand"
REASSIGN = f"{_TOOLS}.reassign.ReassignPartitionsCommand"
QUORUM = f"{_TOOLS}.MetadataQuorumCommand"
CLUSTER = f"{_TOOLS}.ClusterTool"
LOG_DIRS = f"{_TOOLS}.LogDirsCommand"

SETTINGS = {"num.partitions": "1"}
FILES: dict[str, object] = {
    "delete": {"version": 1, "partitions": [{"topic": "t", "partition": 0, "offset": 1}]},
    "delete-end": {"version": 1, "partitions": [{"topic": "t", "partition": 0, "offset": -1}]},
    "delete-above": {"version": 1, "partitions": [{"topic": "t", "partition": 0, "offset": 99}]},
    "delete-below": {"version": 1, "partitions": [{"topic": "t", "partition": 0, "offset": -2}]},
    "delete-compacted": {"version": 1, "partitions": [{"topic": "c", "partition": 0, "offset": 0}]},
    "elect": {"partitions": [{"topic": "t", "partition": 0}, {"topic": "t", "partition": 7}]},
    "move": {"version": 1, "topics": [{"topic": "t"}]},
}
for _name, _partition, _replicas in (
    ("same", 0, [1]),
    ("absent", 0, [2]),
    ("more", 0, [1, 2]),
    ("unknown", 9, [1]),
    ("none", 0, []),
    ("twice", 0, [1, 1]),
):
    FILES[_name] = {
        "version": 1,
        "partitions": [{"topic": "t", "partition": _partition, "replicas": _replicas}],
    }
for _name, _path in (("there", "{other}"), ("nowhere", "/nowhere")):
    FILES[_name] = {
        "version": 1,
        "partitions": [{"topic": "t", "partition": 0, "replicas": [1], "log_dirs": [_path]}],
    }

CREATE, ALTER = ("--create", "--topic"), ("--alter", "--topic")
RECORDS, WITH = ("--offset-json-file",), ("--reassignment-json-file",)
PREFERRED, UNCLEAN = ("--election-type", "preferred"), ("--election-type", "unclean")
GENERATE = ("--generate", "--topics-to-move-json-file", "@move", "--broker-list")
MORE_REPLICAS = (TOPICS, *CREATE, "x", "--replication-factor", "2")
BEFORE: tuple[tuple[str, ...], ...] = (
    (TOPICS, *CREATE, "t", "--partitions", "2"),
    (TOPICS, *CREATE, "t"),
    (TOPICS, *CREATE, "t", "--if-not-exists"),
    (TOPICS, *CREATE, "c", "--config", "cleanup.policy=compact"),
    (TOPICS, *CREATE, "placed", "--replica-assignment", "1,1"),
    (TOPICS, *CREATE, "x", "--replica-assignment", "1,2"),
    (TOPICS, *CREATE, "x", "--replica-assignment", "1:1"),
    MORE_REPLICAS,
    (TOPICS, *CREATE, "x", "--partitions", "0"),
    (TOPICS, *CREATE, "bad name"),
    (TOPICS, *CREATE, "c.a"),
    (TOPICS, *CREATE, "c_a"),
    (TOPICS, *CREATE, "x", "--config", "nonsense=1"),
    (TOPICS, *ALTER, "t", "--partitions", "3"),
    (TOPICS, *ALTER, "t", "--partitions", "3"),
    (TOPICS, *ALTER, "t", "--partitions", "2"),
    (TOPICS, *ALTER, "t", "--partitions", "4", "--replica-assignment", "1,1,1,2"),
    (TOPICS, *ALTER, "missing", "--partitions", "2"),
    (TOPICS, "--delete", "--topic", "missing"),
    (TOPICS, "--delete", "--topic", "missing", "--if-exists"),
    (TOPICS, "--delete", "--topic", "placed"),
)
AFTER: tuple[tuple[str, ...], ...] = (
    (LOG_DIRS, "--describe", "--topic-list", "t"),
    *((OFFSETS, "--topic", "t", "--time", time) for time in ("-1", "-2", "-3", "-4", "-5", "-6")),
    *((OFFSETS, "--topic", "t", "--time", time) for time in ("-7", "0", "soon")),
    (OFFSETS, "--topic", "t", "--partitions", "9"),
    (OFFSETS, "--topic", "missing"),
    *((DELETE, *RECORDS, f"@delete{which}") for which in ("-above", "-below", "-compacted", "")),
    (OFFSETS, "--topic", "t", "--time", "earliest"),
    (DELETE, *RECORDS, "@delete-end"),
    (OFFSETS, "--topic", "t", "--time", "earliest"),
    (ELECT, *PREFERRED, "--topic", "t", "--partition", "0"),
    (ELECT, *UNCLEAN, "--topic", "t", "--partition", "0"),
    (ELECT, *PREFERRED, "--topic", "t", "--partition", "9"),
    (ELECT, *PREFERRED, "--topic", "missing", "--partition", "0"),
    (ELECT, *PREFERRED, "--all-topic-partitions"),
    (ELECT, *UNCLEAN, "--all-topic-partitions"),
    (ELECT, *PREFERRED, "--path-to-json-file", "@elect"),
    *(
        (REASSIGN, *WITH, f"@{which}", how)
        for which in ("same", "unknown", "none", "twice")
        for how in ("--execute", "--verify", "--cancel")
    ),
    (REASSIGN, *WITH, "@absent", "--execute"),
    (REASSIGN, *WITH, "@more", "--execute"),
    (REASSIGN, *WITH, "@same", "--execute", "--disallow-replication-factor-change"),
    (REASSIGN, "--list"),
    (REASSIGN, *GENERATE, "1"),
    (REASSIGN, *GENERATE, "1,2"),
    (REASSIGN, *WITH, "@nowhere", "--execute"),
    (REASSIGN, *WITH, "@there", "--execute"),
    ("wait",),
    (REASSIGN, *WITH, "@there", "--verify"),
    (LOG_DIRS, "--describe", "--topic-list", "missing"),
    (LOG_DIRS, "--describe", "--broker-list", "9"),
    (QUORUM, "describe", "--status"),
    (QUORUM, "describe", "--replication"),
    (CLUSTER, "cluster-id"),
    (CLUSTER, "unregister", "--id", "9"),
    (CLUSTER, "list-endpoints"),
)
MASKS = (
    (re.compile(r"\b\d{13}\b"), "<time>"),
    (re.compile(r'"(total|usable)Bytes":\d+'), r'"\1Bytes":0'),
    (re.compile(r"(?<=[:\s])[A-Za-z0-9_-]{22}(?=\s|$)", re.MULTILINE), "<id>"),
    (re.compile(r"(LeaderEpoch|HighWatermark|MaxFollowerLag\w*):\s+\S+"), r"\1: <number>"),
    (re.compile(r"^(1 +\t\S+ *\t)\d+ +", re.MULTILINE), r"\1<end>"),
    (re.compile(r"127\.0\.0\.1 \d+"), "<address>"),
    (re.compile(r"(CONTROLLER|PLAINTEXT)://"), "<listener>://"),
)
REASONS: Reasons = {} if IS_4 else {MORE_REPLICAS: f"the words: {OF_4}"}


class Asked:
    """A broker with two log directories, and where partition 0 of topic t is not."""

    def __init__(self, side: Side, files: Path) -> None:
        self.bootstrap = side.bootstrap
        self.address = side.address
        self.dirs = [str(path) for path in side.dirs]
        self.files = files
        files.mkdir()

    def client(self) -> WireClient:
        return WireClient(self.address)

    def here(self) -> str:
        """Return the directory that partition 0 is in, once it is not on its way."""
        client = self.client()
        found = [""] * 2
        while len(found) > 1:
            told = client.call(DescribeLogDirsRequest(topics=None), 2)
            found = [
                result.log_dir
                for result in told.results
                for topic in result.topics
                for part in topic.partitions
                if (topic.name, part.partition_index) == ("t", 0)
            ]
        client.close()
        return found[0]

    def produce(self) -> None:
        client = self.client()
        for value in (b"a", b"b", b"c"):
            told = client.call(produce_request(batch(value), topic="t"), 8)
            assert told.responses[0].partition_responses[0].error_code == 0
        client.close()

    def write_files(self) -> None:
        (other,) = [path for path in self.dirs if path != self.here()]
        for name, content in FILES.items():
            text = json.dumps(content).replace("{other}", other)
            (self.files / name).write_text(text)

    def run(self, tools: JavaCommands, command: tuple[str, ...]) -> list[str]:
        """Run a command and return what it prints, masked."""
        if command == ("wait",):
            self.here()
            return []
        tool, *rest = command
        arguments = [str(self.files / each[1:]) if each.startswith("@") else each for each in rest]
        where = ["--bootstrap-server", self.bootstrap]
        if tool == CLUSTER:
            text = tools.run(tool, *arguments, *where)
        else:
            text = tools.run(tool, *where, *arguments)
        return self.masked(text)

    def masked(self, text: str) -> list[str]:
        text = text.replace(str(self.files), "<files>")
        here = self.here() if any(path in text for path in self.dirs) else ""
        for path in sorted(self.dirs, key=len, reverse=True):
            text = text.replace(path, "<here>" if path == here else "<there>")
        for pattern, mask in MASKS:
            text = pattern.sub(mask, text)
        return [_described(line) for line in masked_lines(text)]


def _described(line: str) -> str:
    """Leave out which partition is in which directory, and their order, where all are told."""
    if line.startswith('{"version"'):
        return line.replace("<here>", "<somewhere>").replace("<there>", "<somewhere>")
    if not line.startswith('{"brokers"'):
        return line
    found = [
        (part["partition"], part["size"], part["offsetLag"], part["isFuture"], log_dir["error"])
        for broker in json.loads(line)["brokers"]
        for log_dir in broker["logDirs"]
        for part in log_dir["partitions"]
    ]
    return repr(sorted(found))


def answers(tools: JavaCommands, side: Asked) -> list[list[str]]:
    found = [side.run(tools, command) for command in BEFORE]
    side.produce()
    side.write_files()
    return found + [side.run(tools, command) for command in AFTER]


def test_every_command_about_partitions_says_the_same(tmp_path: Path) -> None:
    with JavaCommands(home()) as tools:
        with judge(tmp_path / "kafka", SETTINGS, dirs=2) as side:
            expected = answers(tools, Asked(side, tmp_path / "files-kafka"))
        with subject(tmp_path / "subject", SETTINGS, dirs=2) as side:
            found = answers(tools, Asked(side, tmp_path / "files-subject"))
    assert unlike((*BEFORE, *AFTER), expected, found, REASONS) == []

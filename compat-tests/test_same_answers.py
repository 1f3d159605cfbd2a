"""The same raw requests to Apache Kafka and to this broker get the same answers.

`STEPS` are told to both brokers in the same order. What differs by nature (ids, times, ports) is
masked; what differs otherwise is in `DIFFERENCES`, with the reason.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from same_answers_requests import describe_group
from same_answers_story import STEPS

from kafkacompat_protocol.schema import Struct
from tests.support.node import WireClient, running_node
from tests.support.toolchains import kafka_home_module, require_kafka_home

SETTINGS = {
    "num.partitions": "1",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "10",
}
DEADLINE_S, PATIENCE_S = 60, 4
LOADING = (14, 15, 16)

MASKED = {
    "cluster_id", "controller_id", "host", "member_id", "leader", "port", "session_id",
    "producer_id", "topic_id", "documentation", "client_host",
}  # fmt: skip
ORDERLESS = dict.fromkeys(("group_id", "name", "resource_name", "topic"))
"""Lists of what has one of these come in any order."""


class Difference(NamedTuple):
    """Steps whose names begin so may differ in a field of this name ("" is the whole answer)."""

    steps: str
    field: str
    reason: str


DIFFERENCES = [
    Difference("create", "config_source", "Kafka sets min.insync.replicas for the whole cluster"),
    Difference("metadata makes", "error_code", "Kafka says 'unknown' until the topic is there"),
    Difference("metadata makes", "partitions", "Kafka says 'unknown' until the topic is there"),
    Difference("configs of what", "error_message", "ours says which type it was"),
    Difference("find what", "error_message", "ours says which type it was"),
    Difference("produce", "error_message", "ours says what is wrong with the batch"),
    Difference("produce nothing", "", "Kafka never answers null records"),
    Difference("produce it again", "log_append_time_ms", "Kafka tells the batch's own timestamp"),
    Difference(
        "fetch an unknown", "aborted_transactions", "an empty list or none: nobody reads it"
    ),
    Difference("describe before", "error_code", "both say: look for the coordinator again"),
    Difference("list what is left", "groups", "Kafka keeps empty groups until its next clean-up"),
]


def differences(step: str, kafka: Any, ours: Any, path: str = "") -> Iterator[str]:
    """Yield where two answers differ, but for what is known."""
    field = path.rpartition(".")[2].partition("[")[0]
    if any(step.startswith(known.steps) and field == known.field for known in DIFFERENCES):
        return
    if isinstance(kafka, dict) and isinstance(ours, dict):
        for name, value in kafka.items():
            yield from differences(step, value, ours[name], f"{path}.{name}")
    elif isinstance(kafka, list) and isinstance(ours, list) and len(kafka) == len(ours):
        for index, (theirs, own) in enumerate(zip(kafka, ours, strict=True)):
            yield from differences(step, theirs, own, f"{path}[{index}]")
    elif kafka != ours:
        yield f"{step}{path}: Kafka says {kafka!r}, we say {ours!r}"


def masked(value: Any) -> Any:
    """Return an answer as plain values, without what differs from broker to broker."""
    if isinstance(value, Struct):
        fields = {f.name: getattr(value, f.name) for f in type(value).__schema__.fields}
        return {
            name: _hidden(item) if name in MASKED else masked(item) for name, item in fields.items()
        }
    if isinstance(value, list):
        items = [masked(item) for item in value]
        named = items and isinstance(items[0], dict) and ORDERLESS.keys() & items[0].keys()
        return sorted(items, key=_name) if named else items
    return bytes(value).hex() if isinstance(value, bytes | bytearray | memoryview) else value


def _name(item: dict[str, Any]) -> str:
    return repr([item.get(field) for field in ORDERLESS])


def _hidden(item: Any) -> str:
    """Whether there is anything."""
    return "nothing" if item in (None, "", -1, 0, bytes(16)) else "something"


def told(address: tuple[str, int]) -> Iterator[tuple[str, Any]]:
    """Tell the story to a broker; yield each step's name and answer."""
    known: dict[str, Any] = {}
    client = WireClient(address)
    client.socket.settimeout(PATIENCE_S)
    for step in STEPS:
        request = step.make(known)
        try:
            answer = client.call(request, step.version)
        except (ConnectionError, TimeoutError) as error:
            client.close()
            client = WireClient(address)
            client.socket.settimeout(PATIENCE_S)
            yield step.name, type(error).__name__
            continue
        while getattr(answer, "error_code", 0) in LOADING and step.name == "producer id":
            answer = client.call(request, step.version)
        if step.learn is not None:
            step.learn(answer, known)
        if step.name == "find":
            answer = found(client, request, step.version)
        yield step.name, masked(answer)
    client.close()


def found(client: WireClient, request: Any, version: int) -> Any:
    """Wait until the coordinator has made its topic and has loaded it; return where it is."""
    give_up = time.monotonic() + DEADLINE_S
    for group in ("g", "h", "s", "unknown", "offsets-only", ""):
        while client.call(describe_group(group), 5).groups[0].error_code in LOADING:
            assert time.monotonic() < give_up, "the coordinator does not come up"
            client.call(request, version)
            time.sleep(0.05)
    return client.call(request, version)


def test_both_brokers_give_the_same_answers(tmp_path: Path) -> None:
    home = require_kafka_home("4.3.1")
    running = kafka_home_module().running_broker(home, tmp_path, settings=SETTINGS)
    with running as kafka:
        theirs = list(told(("127.0.0.1", kafka.port)))
    with running_node(SETTINGS) as broker:
        ours = dict(told(broker.address))
    found = [text for step, answer in theirs for text in differences(step, answer, ours[step])]
    assert not found, "\n".join(found)
    assert len(ours) == len(STEPS), "two steps have one name"

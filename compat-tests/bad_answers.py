"""What a broker answers to bad input, as the names of the codes."""

import socket
from collections.abc import Iterator
from typing import Any

from bad_group_requests import cluster, groups, security, share_groups, transactions
from bad_requests import (
    Ask,
    ask,
    breaking,
    creating,
    credentials,
    describing,
    growing,
    placing,
    quotas,
    settings,
)

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.schema import Struct
from tests.support.node import WireClient

PATIENCE_S = 8
SETTINGS = {
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.num.partitions": "1",
}
CLOSED, SILENT = "(closes the connection)", "(never answers)"
LOADING = {ErrorCode.COORDINATOR_NOT_AVAILABLE, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS}
LOADING |= {ErrorCode.NOT_COORDINATOR, ErrorCode.CONCURRENT_TRANSACTIONS}
TRIES = 2000
DIFFERENCES = {
    ("CreateTopics", "c.d and c_d in one request"): "their metrics would have one name",
    ("DescribeTopicPartitions", "no name"): "Kafka fails while it answers",
    ("IncrementalAlterConfigs", "unknown operation"): "Kafka fails while it answers",
    ("AlterClientQuotas", "not a number"): "Kafka stores a rate that nothing can be compared with",
    ("AlterUserScramCredentials", "empty salted password"): "Kafka fails while it answers",
    ("DescribeShareGroupOffsets", "unknown partition"): "whoever asks is told at once",
    ("DescribeShareGroupOffsets", "no group"): "Kafka fails; no group has no offsets",
    ("UnregisterBroker", "the broker itself"): "Kafka forgets the only broker, and none is left",
    ("CreatePartitions", "10,001 more partitions"): (
        "after the row above Kafka has no broker; with one it is UNKNOWN_SERVER_ERROR"
    ),
}
"""What is answered otherwise than by Kafka, and why."""
OTHER_WORDS = {
    ("DescribeConfigs", "unknown kind of resource"): "ours says which kind it was",
}
"""What is answered with the same code, and a message of our own."""


def asks() -> list[Ask]:
    """Return all that is told, in its order."""
    parts = (
        *(creating, growing, describing, placing, settings, quotas, credentials),
        *(groups, share_groups, transactions, cluster, security, breaking),
    )
    return [each for part in parts for each in part()]


def told(address: tuple[str, int]) -> Iterator[tuple[Ask, str, list[str | None]]]:
    """Tell all to a broker; yield each with the codes and the messages of the answer."""
    client = _client(address)
    fine = {"name": "t", "num_partitions": 2, "replication_factor": 1}
    more = [fine, {"name": "t.x"} | {k: v for k, v in fine.items() if k != "name"}]
    made = ask("create_topics", "", topics=more, timeout_ms=5000)
    client.call(made.request, made.version)
    _wake_coordinators(client)
    for each in asks():
        try:
            answer = client.call(each.request, each.version)
        except TimeoutError:
            client.close()
            client = _client(address)
            yield each, SILENT, []
        except ConnectionError:
            client.close()
            client = _client(address)
            yield each, CLOSED, []
        else:
            found = list(_codes(answer))
            names = dict.fromkeys(ErrorCode(code).name for code, _ in found)
            yield each, ", ".join(names) or "NONE", [text for code, text in found if code]
    client.close()


def _client(address: tuple[str, int]) -> WireClient:
    client = WireClient(address)
    client.socket.settimeout(PATIENCE_S)
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def _wake_coordinators(client: WireClient) -> None:
    """Wait until there are the internal topics and all is loaded."""
    for kind, key in ((0, "g"), (1, "x")):
        each = ask("find_coordinator", "", key_type=kind, coordinator_keys=[key])
        _until_loaded(client, each)
    _until_loaded(client, ask("describe_groups", "", groups=["g"]))
    start = ask("init_producer_id", "", transactional_id="warm", transaction_timeout_ms=1000)
    _until_loaded(client, start)


def _until_loaded(client: WireClient, each: Ask) -> None:
    for _ in range(TRIES):
        answer = client.call(each.request, each.version)
        if not LOADING & {code for code, _ in _codes(answer)}:
            return
    raise AssertionError(f"{each.api}: the coordinator does not come up")


def _codes(value: Any) -> Iterator[tuple[int, str | None]]:
    """Yield every code in an answer with its message; a code of 0 counts for an item only."""
    if isinstance(value, list):
        for item in value:
            yield from _codes(item)
    elif isinstance(value, Struct):
        names = [field.name for field in type(value).__schema__.fields]
        nested = [found for name in names for found in _codes(getattr(value, name))]
        own = value.error_code if "error_code" in names else None
        if own is not None and (own or not nested):
            yield own, getattr(value, "error_message", None)
        yield from nested

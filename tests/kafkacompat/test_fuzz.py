"""Random and damaged requests of every API: the node goes on, and no handler raises (R1, R3).

The seed is fixed; `FUZZ_REQUESTS` in the environment asks for more of them.
"""

import logging
import os
import random
from contextlib import suppress
from typing import Any

import pytest

from kafkacompat.handlers._index import HANDLERS
from kafkacompat_protocol import codec
from kafkacompat_protocol.apis import request_class
from kafkacompat_protocol.codegen import present_fields, tagged_fields
from kafkacompat_protocol.headers import RequestHeader, encode_request_header, is_flexible
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.schema import UNSET, Array, Primitive, Schema, schema_of
from tests.support.node import RunningNode, WireClient, running_node
from tests.support.produced import batch, fetch, produce

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "1500"))
PATIENCE_S = 0.1
WAITING = (1, 11, 14)
"""Keys whose answers may take long: a damaged Fetch may ask to wait, members wait for others."""
INTEGERS = [0, 1, -1, 2, -2, 5, 127, -128, 32767, -32768, 100_000, 2**31 - 1, -(2**31), 2**63 - 1]
INTEGERS += [-(2**63), -3, -4, -5, -6, 1000]
TEXTS = ["t", "g", "", "nul\0", "grün", "\U0001f600", "a" * 32_000, ".", "..", "x" * 250, "1", "-1"]
TEXTS += ["__consumer_offsets", "__cluster_metadata", "a.b", "a_b", "range", "consumer"]
CHOSEN: dict[str, list[Any]] = {
    "max_wait_ms": [0, -1, -(2**31), 1],
    "num_partitions": [0, 1, -1, 2, -(2**31), 2**31 - 1, 20_000],
    "count": [0, 1, -1, 2, 3, -(2**31), 2**31 - 1, 20_000],
    "session_timeout_ms": [0, 10, 100, -1, 30_000, 2**31 - 1],
    "acks": [1, -1, 2],
    "group_id": ["g", "g", "h", "", "x" * 32_000],
    "member_id": ["", "", "", "nobody"],
    "protocol_type": ["consumer", "consumer", ""],
    "transactional_id": [None, ""],
}


class Fuzzer:
    """Makes requests out of schemas, and damages some of them."""

    def __init__(self, seed: int, topic_id: bytes) -> None:
        self.random = random.Random(seed)
        self.topic_id = topic_id

    def frame(self, number: int) -> tuple[int, bytes]:
        """Return an API key and a request of it."""
        key = self.random.choice(sorted(HANDLERS))
        version = self.random.randint(HANDLERS[key][0], HANDLERS[key][1])
        cls = request_class(key)
        header = RequestHeader(key, version, number, self.random.choice(["c", None, "c" * 300]))
        head = encode_request_header(header, is_flexible(cls, version))
        body = bytearray(codec.encode(self._struct(schema_of(cls), version, 0), version))
        if body and self.random.random() < 0.3:
            self._damage(body)
        return key, head + body

    def _damage(self, body: bytearray) -> None:
        for _ in range(self.random.randrange(1, 4)):
            at = self.random.randrange(len(body) + 1)
            if self.random.random() < 0.7 and at < len(body):
                body[at] = self.random.randrange(256)
            elif self.random.random() < 0.5:
                del body[at : at + 1]
            else:
                body.insert(at, self.random.randrange(256))

    def _struct(self, schema: Schema, version: int, depth: int) -> Any:
        values: dict[str, Any] = {}
        for item in [*present_fields(schema, version), *tagged_fields(schema, version)]:
            if item.name in CHOSEN:
                chosen = self.random.choice(CHOSEN[item.name])
                nullable = version in item.nullable
                values[item.name] = "" if chosen is None and not nullable else chosen
            elif version in item.nullable and self.random.random() < 0.2:
                values[item.name] = None
            else:
                values[item.name] = self._value(item.type, version, depth)
        for item in schema.fields:
            if item.name not in values and item.default is UNSET:
                values[item.name] = [] if isinstance(item.type, Array) else None
        return schema.cls(**values)

    def _value(self, kind: Any, version: int, depth: int) -> Any:
        if isinstance(kind, Array):
            count = self.random.choice([0, 1, 1, 1, 2, 3] if depth < 3 else [0, 1])
            items = [self._value(kind.element, version, depth + 1) for _ in range(count)]
            return items + items[: self.random.random() < 0.2]
        if not isinstance(kind, Primitive):
            return self._struct(kind, version, depth)
        if kind.name == "string":
            return self.random.choice(TEXTS[:2] * 6 + TEXTS)
        if kind.name == "bytes":
            return self.random.choice([b"", bytes(4), self.random.randbytes(30)])
        if kind.name == "uuid":
            return self.random.choice([bytes(16), self.topic_id, self.random.randbytes(16)])
        if kind.name == "records":
            return self._records()
        return self._number(kind)

    def _number(self, kind: Primitive) -> Any:
        if kind.code == "?":
            return self.random.random() < 0.5
        if kind.code == "d":
            return 0.5
        number = self.random.choice([0, 1, -1] * 6 + INTEGERS)
        bits = 8 * kind.size
        lowest, highest = -(1 << bits - 1), (1 << bits - 1) - 1
        if kind.code in ("B", "H", "I"):
            lowest, highest = 0, (1 << bits) - 1
        return min(max(number, lowest), highest)

    def _records(self) -> bytes:
        content = bytearray(batch(b"value", b"w"))
        if self.random.random() < 0.5:
            content[self.random.randrange(len(content))] = self.random.randrange(256)
        if self.random.random() < 0.2:
            del content[self.random.randrange(len(content)) :]
        return bytes(content)


def attack(broker: RunningNode, fuzzer: Fuzzer) -> None:
    """Send request after request, over a new connection whenever one is closed or waits."""
    client = WireClient(broker.address)
    for number in range(REQUESTS):
        key, frame = fuzzer.frame(number)
        client.socket.settimeout(PATIENCE_S if key in WAITING or key == 0 else 10)
        try:
            client.send_frame(frame)
            client.receive_frame()
        except TimeoutError:
            assert key in WAITING or key == 0, f"API {key} does not answer"
        except ConnectionError:
            pass
        else:
            continue
        with suppress(OSError):
            client.close()
        client = WireClient(broker.address)
    client.close()


def test_no_request_harms_the_node_or_other_connections(caplog: pytest.LogCaptureFixture) -> None:
    with running_node() as broker, caplog.at_level(logging.ERROR):
        topic_id = broker.create_topic("t", 2)
        broker.create_topic("other")
        broker.call(FindCoordinatorRequest(key="g"), 2)
        bystander = broker.client()
        attack(broker, Fuzzer(20_240_607, topic_id))
        assert bystander.call(FindCoordinatorRequest(key="g"), 2).error_code == 0
        if "other" in broker.node.image.topics:
            offset = produce(broker, batch(b"fine"), topic="other").base_offset
            assert fetch(broker, offset, topic="other").records
        listener = broker.node.listeners[0]
        broker.wait_until(lambda: listener._received_bytes == 0)
        assert len(broker.node.fetch_sessions) <= 1000
    assert [record.getMessage() for record in caplog.records] == []

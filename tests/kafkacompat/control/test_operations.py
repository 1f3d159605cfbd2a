"""Every operation over HTTP does what it does in Python."""

import base64
from typing import Any

from kafka import KafkaConsumer

from tests.support.node import WireClient
from tests.support.produced import batch, produce_request


def test_topics_and_records(http: Any) -> None:
    http.post("/topics", name="a", partitions=3, config={"retention.ms": "5000"})
    assert http.get("/topics") == {"a": 3, "t": 2}
    header = {"name": "h", "value": "x"}
    told = http.post(
        "/records", topic="a", partition=1, key="k", value="v", timestamp=7, headers=[header]
    )
    assert told == {"partition": 1, "offset": 0}
    raw = base64.b64encode(b"\xff\x00").decode()
    http.post("/records", topic="a", partition=2, value_base64=raw)
    first, second = http.get("/records?topic=a")
    assert first == {
        "topic": "a", "partition": 1, "offset": 0, "timestamp": 7,
        "key": "k", "value": "v", "headers": [header],
    }  # fmt: skip
    assert second["value_base64"] == raw
    assert http.get("/records?topic=a&partition=0&read_committed=true") == []
    assert http.get("/offsets?topic=a") == {"0": 0, "1": 1, "2": 1}
    assert http.call("DELETE", "/topics/a") == (200, {})
    assert http.get("/topics") == {"t": 2}


def test_faults_and_requests(http: Any) -> None:
    fault = http.post("/faults", kind="error", api="Produce", code="NOT_ENOUGH_REPLICAS", topic="t")
    assert (fault["kind"], fault["topic"], fault["fired"]) == ("error", "t", 0)
    after = http.broker.last_request()
    client = WireClient(("127.0.0.1", http.broker.port), "tester")
    told = client.call(produce_request(batch(b"x")), 8)
    assert told.responses[0].partition_responses[0].error_code == 19
    client.close()
    assert http.get("/faults")[0]["fired"] == 1
    (request,) = http.get(f"/requests?api=Produce&after={after}&client_id=test*")
    assert (request["topics"], request["errors"]) == (["t"], ["NOT_ENOUGH_REPLICAS"])
    assert request["fault"] == "error"
    assert request["request"]["topic_data"][0]["name"] == "t"
    assert len(http.post("/wait/requests", api="Produce", after=after, count=1)) == 1
    assert http.call("DELETE", f"/faults/{fault['number']}")[0] == 200
    assert http.get("/faults") == []
    http.post("/faults", kind="delay", delay_ms=5)
    http.call("DELETE", "/faults")
    assert http.get("/faults") == []


def test_groups_and_waits(http: Any) -> None:
    http.post("/records", topic="t", partition=0, value="v")
    consumer = KafkaConsumer(
        "t",
        bootstrap_servers=http.broker.bootstrap_servers,
        group_id="g",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    for _ in range(60):
        if consumer.poll(timeout_ms=1000):
            break
    consumer.commit()
    http.post("/wait/group", group="g")
    http.post("/wait/no-lag", group="g")
    assert http.get("/groups") == {"g": "Stable"}
    found = http.get("/groups/g")
    assert found["state"] == "Stable"
    assert {"topic": "t", "partition": 0, "committed": 1, "lag": 0} in found["partitions"]
    http.post("/groups/g/move")
    http.post("/groups/g/rebalance")
    consumer.close(autocommit=False)
    assert len(http.post("/wait/records", topic="t", count=1)) == 1
    status, answer = http.call("POST", "/wait/records", {"topic": "t", "count": 2, "timeout_s": 0})
    assert (status, answer["message"]) == (408, "after 0 s: t has 1 of 2 records")


def test_one_broker_is_told_of_and_cannot_be_killed(http: Any) -> None:
    address = http.get("/broker")["bootstrap_servers"]
    assert http.get("/brokers") == [{"broker": 1, "address": address, "lives": True}]
    assert http.call("POST", "/brokers/1/kill")[0] == 409
    http.post("/leaders", topic="t", partition=0)
    with_fault = http.post("/faults", kind="error", api="Fetch", code="NONE", broker=2)
    assert with_fault["broker"] == 2
    http.call("DELETE", f"/faults/{with_fault['number']}")


def test_time_state_and_leaders(http: Any) -> None:
    frozen = http.post("/clock", frozen=True)["now_ms"]
    assert http.post("/clock", advance_ms=60_000)["now_ms"] == frozen + 60_000
    http.post("/clock", frozen=False)
    kept = http.post("/snapshots")["snapshot"]
    http.post("/records", topic="t", value="v")
    fork = http.post("/forks")
    assert fork["bootstrap_servers"] != http.get("/broker")["bootstrap_servers"]
    assert http.call("DELETE", f"/forks/{fork['fork']}") == (200, {})
    http.post(f"/snapshots/{kept}/restore")
    assert http.get("/records?topic=t") == []
    older = http.post("/forks", snapshot=kept)
    assert http.call("DELETE", f"/forks/{older['fork']}") == (200, {})
    assert http.call("DELETE", f"/snapshots/{kept}") == (200, {})
    assert http.call("POST", f"/snapshots/{kept}/restore")[0] == 404
    http.post("/leaders", topic="t", partition=1)
    http.post("/retention")
    http.post("/topics", name="latest", config={"cleanup.policy": "compact"})
    for value in "ab":
        http.post("/records", topic="latest", key="k", value=value)
    http.post("/compact", topic="latest")
    assert [record["value"] for record in http.get("/records?topic=latest")] == ["b"]

"""Clients for fixtures, of either library."""

from typing import Any

import pytest

from kafkacompat import ThreadedBroker, pytest_clients


@pytest.mark.parametrize("library", ["confluent_kafka", "kafka"])
def test_either_library_will_do(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setattr(pytest_clients, "library", lambda: library)
    with ThreadedBroker(topics={"t": 1}) as broker:
        servers = broker.bootstrap_servers
        with pytest_clients.producer(servers) as producer:
            send(producer, library)
        assert [record.value for record in broker.records("t")] == [b"x"]
        with pytest_clients.consumer(servers, group="g") as consumer:
            consumer.subscribe(["t"])
            assert receive(consumer, library) == b"x"
        with pytest_clients.admin(servers) as admin:
            assert "t" in set(topics(admin, library))


def send(producer: Any, library: str) -> None:
    if library == "kafka":
        producer.send("t", b"x")
    else:
        producer.produce("t", b"x")


def receive(consumer: Any, library: str) -> Any:
    if library == "kafka":
        return next(consumer).value
    return consumer.poll(20).value()


def topics(admin: Any, library: str) -> Any:
    return admin.list_topics() if library == "kafka" else admin.list_topics(timeout=20).topics


def test_without_any_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytest_clients, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="install confluent-kafka or kafka-python"):
        pytest_clients.library()

"""Changes of configurations get the same codes and messages from Apache Kafka and this broker."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from config_story import STEPS

from kafkacompat_protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from tests.support.node import WireClient, running_node
from tests.support.toolchains import kafka_home_module, require_kafka_home

Answer = tuple[int, str | None, int, str]


def told(address: tuple[str, int]) -> list[list[Answer]]:
    """Tell the story to a broker; return what it says of each resource."""
    client = WireClient(address)
    topic = CreatableTopic(
        name="t", num_partitions=1, replication_factor=1, assignments=[], configs=[]
    )
    made = client.call(CreateTopicsRequest(topics=[topic]), 7)
    assert made.topics[0].error_code == 0
    answers = [client.call(step.request, step.version).responses for step in STEPS]
    client.close()
    return [
        [(r.error_code, r.error_message, r.resource_type, r.resource_name) for r in answer]
        for answer in answers
    ]


@pytest.fixture(autouse=True)
def _same_levels_afterwards() -> Iterator[None]:
    level = logging.root.level
    yield
    logging.root.setLevel(level)


def test_every_change_is_answered_alike(tmp_path: Path) -> None:
    home = require_kafka_home("4.3.1")
    with kafka_home_module().running_broker(home, tmp_path) as kafka:
        theirs = told(("127.0.0.1", kafka.port))
    with running_node() as broker:
        ours = told(broker.address)
    different: list[tuple[Any, Any, Any]] = [
        (step.request, kafka_says, we_say)
        for step, kafka_says, we_say in zip(STEPS, theirs, ours, strict=True)
        if kafka_says != we_say
    ]
    assert different == []

"""Passing for another release: by what it answers, offers and defaults to."""

import pytest
from kafka import KafkaConsumer, KafkaProducer

from kafkacompat import ThreadedBroker
from kafkacompat.config.profiles import LAST, PROFILES, with_defaults
from kafkacompat_protocol.messages.api_versions import ApiVersionsRequest
from kafkacompat_protocol.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest
from kafkacompat_protocol.messages.metadata import MetadataRequest
from tests.support.node import WireClient

ME = {"client_software_name": "me", "client_software_version": "1"}


@pytest.mark.parametrize("release", PROFILES)
def test_clients_get_along_with_it(release: str) -> None:
    with ThreadedBroker(topics={"t": 1}, as_version=release) as broker:
        servers = broker.bootstrap_servers
        producer = KafkaProducer(bootstrap_servers=servers)
        producer.send("t", b"x").get(10)
        producer.close()
        consumer = KafkaConsumer(
            "t", bootstrap_servers=servers, group_id="g", auto_offset_reset="earliest"
        )
        assert next(consumer).value == b"x"
        consumer.close()
        ranges = PROFILES[release].apis
        for request in broker.requests():
            assert ranges[request.api_key][0] <= request.version <= ranges[request.api_key][1]


@pytest.mark.parametrize(
    ("release", "metadata", "consumer_groups", "features"),
    [
        ("2.8", (0, 11), None, set()),
        ("3.9", (0, 12), (0, 0), {"metadata.version"}),
        ("4.0", (0, 13), (0, 1), {"metadata.version", "transaction.version", "group.version"}),
    ],
)
def test_it_says_what_the_release_says(
    release: str,
    metadata: tuple[int, int],
    consumer_groups: tuple[int, int] | None,
    features: set[str],
) -> None:
    with ThreadedBroker(as_version=release) as broker:
        client = WireClient(("127.0.0.1", broker.port))
        told = client.call(ApiVersionsRequest(**ME), 3)
        ranges = {api.api_key: (api.min_version, api.max_version) for api in told.api_keys}
        assert ranges[3] == metadata
        assert ranges.get(68) == consumer_groups
        assert {feature.name for feature in told.finalized_features} == features
        client.close()


def test_versions_that_the_release_has_not_are_not_answered() -> None:
    with ThreadedBroker(as_version="2.8") as broker:
        client = WireClient(("127.0.0.1", broker.port))
        client.send(MetadataRequest(topics=None), 12)
        assert client.is_closed()
        client.close()
    with ThreadedBroker(as_version="3.9") as broker:
        client = WireClient(("127.0.0.1", broker.port))
        beat = ConsumerGroupHeartbeatRequest(
            group_id="g", member_id="", member_epoch=0, subscribed_topic_names=["t"],
            topic_partitions=[], rebalance_timeout_ms=1000,
        )  # fmt: skip
        assert client.call(beat, 0).error_code == 35
        client.close()


def test_defaults_are_the_releases_unless_something_is_set() -> None:
    key = "log.message.timestamp.after.max.ms"
    assert with_defaults({"a": "b"}) == {"a": "b"}
    assert with_defaults({"kafkacompat.as.version": LAST}) == {"kafkacompat.as.version": LAST}
    old = with_defaults({"kafkacompat.as.version": "3.9"})
    assert old[key] == str((1 << 63) - 1)
    assert with_defaults({"kafkacompat.as.version": "3.9", key: "7"})[key] == "7"


@pytest.mark.parametrize("release", PROFILES)
def test_a_release_serves_what_it_says(release: str) -> None:
    profile = PROFILES[release]
    assert profile.serves(18, profile.apis[18][1])
    assert not profile.serves(18, profile.apis[18][1] + 1)
    assert not profile.serves(999, 0)

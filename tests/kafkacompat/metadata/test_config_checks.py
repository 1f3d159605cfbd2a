"""What a configuration may be: codes and messages are those of Kafka 4.3.1."""

import pytest

from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata.config_checks import check_elr, check_resource, check_values, is_list
from kafkacompat.metadata.image import MetadataImage
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.settings import FeatureLevelRecord
from tests.kafkacompat.metadata.test_image import built

TOPIC, BROKER, LOGGER, CLIENT_METRICS, GROUP = 2, 4, 8, 16, 32
REQUEST, CONFIG = ErrorCode.INVALID_REQUEST, ErrorCode.INVALID_CONFIG
FIXED = "Cannot update these configs dynamically: "


@pytest.mark.parametrize(
    ("kind", "resource", "own", "code", "message"),
    [
        (
            *(TOPIC, "t", {"retention.ms": "-5"}, CONFIG),
            "Invalid value -5 for configuration retention.ms: Value must be at least -1",
        ),
        (TOPIC, "t", {"no.such": "1"}, CONFIG, "Unknown topic config name: no.such"),
        (
            *(TOPIC, "t", {"remote.storage.enable": "true"}, CONFIG),
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured"
            " with remote log storage.",
        ),
        (
            *(TOPIC, "t", {"min.compaction.lag.ms": "9", "max.compaction.lag.ms": "5"}, CONFIG),
            "conflict topic config setting min.compaction.lag.ms (9) > max.compaction.lag.ms (5)",
        ),
        (
            *(TOPIC, "t", {"retention.ms": "1" * 32_768}, CONFIG),
            "The configuration value cannot be added because it exceeds the maximum value size of"
            " 32767 bytes.",
        ),
        (
            *(BROKER, "", {"log.retention.ms": "x"}, REQUEST),
            "Invalid value x for configuration log.retention.ms: Not a number of type LONG",
        ),
        (
            *(BROKER, "1", {"log.dirs": "x", "broker.rack": "r", "no.such": "x"}, REQUEST),
            FIXED + "[broker.rack, log.dirs]",
        ),
        (
            *(BROKER, "1", {"delegation.token.secret.key": "x"}, REQUEST),
            FIXED + "[delegation.token.secret.key]",
        ),
        (
            *(BROKER, "1", {"ssl.keystore.password": "x"}, REQUEST),
            "These security configs can be dynamically updated only per-listener using the listener"
            " prefix: [ssl.keystore.password]",
        ),
        (
            *(BROKER, "", {"sasl.jaas.config": "x"}, REQUEST),
            "Cannot update these configs at default cluster level, broker id must be specified:"
            " [sasl.jaas.config]",
        ),
        (
            *(CLIENT_METRICS, "m", {"interval.ms": "99"}, REQUEST),
            "Invalid value 99 for interval.ms, interval must be between 100 and 3600000 (1 hour)",
        ),
        (
            *(CLIENT_METRICS, "m", {"nope": "x"}, REQUEST),
            "Unknown client metrics configuration: nope",
        ),
        (
            *(CLIENT_METRICS, "m", {"match": "client_id=("}, CONFIG),
            "Illegal client matching pattern: client_id=(",
        ),
        (GROUP, "g", {"no.such": "x"}, CONFIG, "Unknown group config name: no.such"),
        (
            *(GROUP, "g", {"consumer.session.timeout.ms": "5"}, CONFIG),
            "consumer.session.timeout.ms must be greater than or equal to"
            " group.consumer.min.session.timeout.ms",
        ),
    ],
)
def test_a_wrong_value_is_refused_in_kafkas_words(
    kind: int, resource: str, own: dict[str, str], code: ErrorCode, message: str
) -> None:
    with pytest.raises(KafkaError) as caught:
        check_values(BrokerConfig(), kind, resource, own, own)
    assert (caught.value.code, caught.value.message) == (code, message)


@pytest.mark.parametrize(
    ("kind", "resource", "own"),
    [
        (TOPIC, "t", {"cleanup.policy": ""}),
        (BROKER, "1", {"no.such": "x", "sasl.jaas.config": "x", "metric.reporters": "x"}),
        (BROKER, "1", {"listener.name.plaintext.ssl.keystore.location": "x"}),
        (BROKER, "", {"metric.reporters": "x", "leader.replication.throttled.rate": "7"}),
        (CLIENT_METRICS, "m", {"match": "client_id=x.*,client_software_name=apache"}),
        (GROUP, "g", {"streams.num.standby.replicas": "2"}),
    ],
)
def test_a_good_value_is_good(kind: int, resource: str, own: dict[str, str]) -> None:
    check_values(BrokerConfig(), kind, resource, own, own)


def test_only_what_is_new_is_checked() -> None:
    check_values(BrokerConfig(), TOPIC, "t", {"of.an.older.kafka": "x", "retention.ms": "5"}, ())


@pytest.mark.parametrize(
    ("kind", "name", "code", "message"),
    [
        (TOPIC, "", REQUEST, "Default topic resources are not allowed."),
        (
            *(TOPIC, "missing", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
            "The topic 'missing' does not exist.",
        ),
        (BROKER, "2", REQUEST, "Unexpected broker id, expected 1, but received 2"),
        (BROKER, "x", REQUEST, "Node id must be an integer, but it is: x"),
        (CLIENT_METRICS, "", REQUEST, "Subscription name can't be empty"),
        (GROUP, "", REQUEST, "Default group resources are not allowed."),
        (LOGGER, "1", REQUEST, "Unknown resource type 8"),
    ],
)
def test_a_resource_that_has_no_configuration_is_refused(
    kind: int, name: str, code: ErrorCode, message: str
) -> None:
    with pytest.raises(KafkaError) as caught:
        check_resource(MetadataImage(), kind, name, 1)
    assert (caught.value.code, caught.value.message) == (code, message)


@pytest.mark.parametrize(
    ("resource", "value", "message"),
    [
        ("1", "2", "Broker-level min.insync.replicas cannot be altered while ELR is enabled."),
        ("", None, "Cluster-level min.insync.replicas cannot be removed while ELR is enabled."),
    ],
)
def test_min_insync_replicas_is_one_for_all_while_there_are_eligible_leaders(
    resource: str, value: str | None, message: str
) -> None:
    image = built(FeatureLevelRecord(name="eligible.leader.replicas.version", feature_level=1))
    changed = {"min.insync.replicas": value}
    check_elr(MetadataImage(), BROKER, resource, changed)
    check_elr(image, BROKER, "", {"min.insync.replicas": "2"})

    with pytest.raises(KafkaError) as caught:
        check_elr(image, BROKER, resource, changed)
    assert (caught.value.code, caught.value.message) == (CONFIG, message)


def test_lists_of_topics_and_brokers_get_longer() -> None:
    assert is_list(TOPIC, "cleanup.policy")
    assert is_list(BROKER, "log.cleanup.policy")
    assert not is_list(TOPIC, "retention.ms")
    assert not is_list(TOPIC, "no.such")
    assert not is_list(CLIENT_METRICS, "metrics")

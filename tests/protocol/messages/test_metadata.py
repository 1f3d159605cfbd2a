"""Metadata, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.metadata import (
    MetadataRequest,
    MetadataRequestTopic,
    MetadataResponse,
    MetadataResponseBroker,
    MetadataResponsePartition,
    MetadataResponseTopic,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = MetadataRequest(topics=[MetadataRequestTopic(name="t")])

    # Kafka 4.3.1
    assert_encoded(request, 0, "00000001000174")


def test_a_request_for_all_topics() -> None:
    request = MetadataRequest(topics=None)

    # Kafka 4.3.1
    assert_encoded(request, 1, "ffffffff")


def test_a_request_by_topic_id() -> None:
    request = MetadataRequest(
        topics=[MetadataRequestTopic(topic_id=bytes(range(16)), name=None)],
        allow_auto_topic_creation=False,
    )

    # Kafka 4.3.1
    assert_encoded(request, 13, "02000102030405060708090a0b0c0d0e0f0000000000")


def test_the_first_response() -> None:
    response = MetadataResponse(
        brokers=[MetadataResponseBroker(node_id=1, host="h", port=9092)],
        topics=[
            MetadataResponseTopic(
                error_code=0,
                name="t",
                partitions=[
                    MetadataResponsePartition(
                        error_code=0,
                        partition_index=0,
                        leader_id=1,
                        replica_nodes=[1],
                        isr_nodes=[1],
                    )
                ],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        0,
        "0000000100000001000168000023840000000100000001740000000100000000"
        "00000000000100000001000000010000000100000001",
    )


def test_the_last_response() -> None:
    response = MetadataResponse(
        brokers=[MetadataResponseBroker(node_id=1, host="h", port=9092, rack="r")],
        cluster_id="c",
        controller_id=1,
        topics=[
            MetadataResponseTopic(
                error_code=0,
                name="t",
                topic_id=bytes(range(16)),
                is_internal=True,
                partitions=[
                    MetadataResponsePartition(
                        error_code=0,
                        partition_index=0,
                        leader_id=1,
                        leader_epoch=2,
                        replica_nodes=[1],
                        isr_nodes=[1],
                        offline_replicas=[],
                    )
                ],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        13,
        "0000000002000000010268000023840272000263000000010200000274000102"
        "030405060708090a0b0c0d0e0f01020000000000000000000100000002020000"
        "0001020000000101008000000000000000",
    )

"""CreateTopics, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.create_topics import (
    CreatableReplicaAssignment,
    CreatableTopic,
    CreatableTopicConfig,
    CreatableTopicConfigs,
    CreatableTopicResult,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = CreateTopicsRequest(
        topics=[
            CreatableTopic(
                name="t",
                num_partitions=-1,
                replication_factor=-1,
                assignments=[CreatableReplicaAssignment(partition_index=0, broker_ids=[1])],
                configs=[CreatableTopicConfig(name="cleanup.policy", value="compact")],
            )
        ],
        timeout_ms=1000,
    )

    # Kafka 3.9.1
    assert_encoded(
        request,
        0,
        "00000001000174ffffffffffff00000001000000000000000100000001000000"
        "01000e636c65616e75702e706f6c6963790007636f6d70616374000003e8",
    )


def test_the_last_request() -> None:
    request = CreateTopicsRequest(
        topics=[
            CreatableTopic(
                name="t",
                num_partitions=3,
                replication_factor=-1,
                assignments=[],
                configs=[CreatableTopicConfig(name="k", value=None)],
            )
        ],
        timeout_ms=1000,
        validate_only=True,
    )

    # Kafka 4.3.1
    assert_encoded(request, 7, "02027400000003ffff0102026b000000000003e80100")


def test_the_first_response() -> None:
    response = CreateTopicsResponse(topics=[CreatableTopicResult(name="t", error_code=36)])

    # Kafka 3.9.1
    assert_encoded(response, 0, "000000010001740024")


def test_the_last_response() -> None:
    response = CreateTopicsResponse(
        topics=[
            CreatableTopicResult(
                name="t",
                topic_id=bytes(range(16)),
                error_code=0,
                error_message=None,
                topic_config_error_code=29,
                num_partitions=3,
                replication_factor=1,
                configs=[
                    CreatableTopicConfigs(
                        name="k", value="v", read_only=False, config_source=5, is_sensitive=False
                    )
                ],
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        7,
        "00000000020274000102030405060708090a0b0c0d0e0f000000000000030001"
        "02026b027600050000010002001d00",
    )

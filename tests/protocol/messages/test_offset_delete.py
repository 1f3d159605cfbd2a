"""OffsetDelete, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
    OffsetDeleteResponse,
    OffsetDeleteResponsePartition,
    OffsetDeleteResponseTopic,
)
from tests.support.encoded import assert_encoded


def test_the_request() -> None:
    request = OffsetDeleteRequest(
        group_id="g",
        topics=[
            OffsetDeleteRequestTopic(
                name="t", partitions=[OffsetDeleteRequestPartition(partition_index=0)]
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(request, 0, "000167000000010001740000000100000000")


def test_the_response() -> None:
    response = OffsetDeleteResponse(
        error_code=0,
        throttle_time_ms=1,
        topics=[
            OffsetDeleteResponseTopic(
                name="t",
                partitions=[OffsetDeleteResponsePartition(partition_index=0, error_code=86)],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(response, 0, "0000000000010000000100017400000001000000000056")

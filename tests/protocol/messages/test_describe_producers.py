"""DescribeProducers's bytes, as Kafka writes them when producers are described."""

import pytest

from kafkacompat_protocol.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersRequestTopic,
    DescribeProducersResponse,
    DescribeProducersResponsePartition,
    DescribeProducersResponseTopic,
    ProducerState,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        DescribeProducersRequest(
            topics=[DescribeProducersRequestTopic(name="t", partition_indexes=[2])]
        ),
        0,
        "02027402000000020000",
        id="a request",
    ),
    pytest.param(
        DescribeProducersResponse(
            topics=[
                DescribeProducersResponseTopic(
                    name="t",
                    partitions=[
                        DescribeProducersResponsePartition(
                            partition_index=2,
                            error_code=0,
                            active_producers=[
                                ProducerState(
                                    producer_id=7,
                                    producer_epoch=1,
                                    last_sequence=8,
                                    last_timestamp=1000,
                                    coordinator_epoch=3,
                                    current_txn_start_offset=40,
                                )
                            ],
                        )
                    ],
                )
            ]
        ),
        0,
        "0000000002027402000000020000000200000000000000070000000100000008"
        "00000000000003e800000003000000000000002800000000",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)

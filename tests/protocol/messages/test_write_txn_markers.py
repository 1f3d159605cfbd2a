"""WriteTxnMarkers's bytes, as Kafka writes them when markers are ordered."""

import pytest

from kafkacompat_protocol.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerPartitionResult,
    WritableTxnMarkerResult,
    WritableTxnMarkerTopic,
    WritableTxnMarkerTopicResult,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        WriteTxnMarkersRequest(
            markers=[
                WritableTxnMarker(
                    producer_id=7,
                    producer_epoch=1,
                    transaction_result=True,
                    topics=[WritableTxnMarkerTopic(name="t", partition_indexes=[2])],
                    coordinator_epoch=3,
                )
            ]
        ),
        0,
        "00000001000000000000000700010100000001000174000000010000000200000003",
        id="a request",
    ),
    pytest.param(
        WriteTxnMarkersRequest(
            markers=[
                WritableTxnMarker(
                    producer_id=7,
                    producer_epoch=1,
                    transaction_result=False,
                    topics=[WritableTxnMarkerTopic(name="t", partition_indexes=[2])],
                    coordinator_epoch=3,
                    transaction_version=2,
                )
            ]
        ),
        2,
        "02000000000000000700010002027402000000020000000003020000",
        id="a request with the version of transactions",
    ),
    pytest.param(
        WriteTxnMarkersResponse(
            markers=[
                WritableTxnMarkerResult(
                    producer_id=7,
                    topics=[
                        WritableTxnMarkerTopicResult(
                            name="t",
                            partitions=[
                                WritableTxnMarkerPartitionResult(partition_index=2, error_code=47)
                            ],
                        )
                    ],
                )
            ]
        ),
        1,
        "0200000000000000070202740200000002002f00000000",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)

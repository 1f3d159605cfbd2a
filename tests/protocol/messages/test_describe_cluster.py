"""DescribeCluster, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.describe_cluster import (
    DescribeClusterBroker,
    DescribeClusterRequest,
    DescribeClusterResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = DescribeClusterRequest(include_cluster_authorized_operations=True)

    # Kafka 4.3.1
    assert_encoded(request, 0, "0100")


def test_the_last_request() -> None:
    request = DescribeClusterRequest(
        include_cluster_authorized_operations=False, endpoint_type=1, include_fenced_brokers=True
    )

    # Kafka 4.3.1
    assert_encoded(request, 2, "00010100")


def test_the_first_response() -> None:
    response = DescribeClusterResponse(
        throttle_time_ms=0,
        error_code=0,
        error_message=None,
        cluster_id="c",
        controller_id=1,
        brokers=[DescribeClusterBroker(broker_id=1, host="h", port=9092, rack=None)],
    )

    # Kafka 4.3.1
    assert_encoded(response, 0, "00000000000000026300000001020000000102680000238400008000000000")


def test_the_last_response() -> None:
    response = DescribeClusterResponse(
        throttle_time_ms=0,
        error_code=0,
        error_message=None,
        endpoint_type=1,
        cluster_id="c",
        controller_id=1,
        brokers=[DescribeClusterBroker(broker_id=1, host="h", port=9092, rack="r", is_fenced=True)],
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        2,
        "00000000000000010263000000010200000001026800002384027201008000000000",
    )

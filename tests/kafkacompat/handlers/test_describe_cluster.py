"""DescribeCluster over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_cluster import DescribeClusterRequest
from tests.support.node import RunningNode


@pytest.mark.parametrize("version", range(3))
def test_this_node_is_the_cluster(broker: RunningNode, version: int) -> None:
    request = DescribeClusterRequest(include_cluster_authorized_operations=True)
    told = broker.call(request, version)
    assert (told.error_code, told.cluster_id) == (0, broker.node.cluster_id)
    assert [(b.broker_id, b.host, b.port) for b in told.brokers] == [(1, *broker.address)]
    assert told.controller_id == 1
    assert told.cluster_authorized_operations > 0


def test_controllers_are_not_behind_this_port(broker: RunningNode) -> None:
    request = DescribeClusterRequest(include_cluster_authorized_operations=False, endpoint_type=2)
    assert broker.call(request, 1).error_code == ErrorCode.MISMATCHED_ENDPOINT_TYPE


def test_an_endpoint_of_no_kind_is_refused(broker: RunningNode) -> None:
    request = DescribeClusterRequest(endpoint_type=9)
    assert broker.call(request, 1).error_code == ErrorCode.UNSUPPORTED_ENDPOINT_TYPE

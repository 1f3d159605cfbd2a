"""DescribeCluster (key 60): describe the cluster and its brokers (KIP-700)."""

from kafkacompat_protocol.schema import Bool, Int8, Int16, Int32, String, at, message, struct


# v1 adds endpoint_type, brokers or controllers (KIP-919); v2 may include fenced brokers.
@message(key=60, versions="0-2", flexible="0+")
class DescribeClusterRequest:
    include_cluster_authorized_operations: Bool
    endpoint_type: Int8 = at("1+", default=1)
    include_fenced_brokers: Bool = at("2+", default=False)


@struct
class DescribeClusterBroker:
    broker_id: Int32
    host: String
    port: Int32
    rack: String | None = at(default=None)
    is_fenced: Bool = at("2+", default=False)


# v1 adds endpoint_type (KIP-919); v2 adds is_fenced (KIP-1073).
@message(key=60, versions="0-2", flexible="0+")
class DescribeClusterResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
    error_message: String | None = at(default=None)
    endpoint_type: Int8 = at("1+", default=1)
    cluster_id: String
    controller_id: Int32 = at(default=-1)
    brokers: list[DescribeClusterBroker]
    cluster_authorized_operations: Int32 = at(default=-2147483648)

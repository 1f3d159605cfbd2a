"""DescribeQuorum (key 55): who votes on the cluster's metadata, and how far each has come.

v1 adds when a replica fetched last (KIP-836); v2 messages, directories and nodes (KIP-853).
"""

from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.describe_quorum import (
    DescribedPartition,
    DescribedTopic,
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    QuorumListener,
    QuorumNode,
    ReplicaState,
)
from kafkacompat_protocol.schema import ZERO_UUID
from kafkacompat_storage.names import METADATA_TOPIC

NO_MESSAGE = ""


@handles(
    DescribeQuorumRequest, versions="0-2", authorise=needs(Operation.DESCRIBE, Resource.CLUSTER)
)
def describe_quorum(call: Call, request: DescribeQuorumRequest) -> DescribeQuorumResponse:
    """Describe the quorum of the metadata log, which is this node.

    Errors: UNKNOWN_TOPIC_OR_PARTITION, per partition, if anything but just that is asked for.
    """
    code = call.check(Operation.DESCRIBE, Resource.CLUSTER, "kafka-cluster")
    if code:
        raise KafkaError(code)
    wanted = [
        (each.topic_name, [p.partition_index for p in each.partitions]) for each in request.topics
    ]
    is_known = wanted == [(METADATA_TOPIC, [0])]
    topics = [
        DescribedTopic(
            topic_name=name,
            partitions=[_described(call) if is_known else _unknown(index) for index in indexes],
        )
        for name, indexes in wanted
    ]
    nodes = [_node(call)] if is_known else []
    return DescribeQuorumResponse(
        error_code=0, error_message=NO_MESSAGE, topics=topics, nodes=nodes
    )


def _described(call: Call) -> DescribedPartition:
    node = call.node
    log, now_ms = node.metadata_log, node.clock.wall_ms()
    voter = ReplicaState(
        replica_id=node.node_id,
        replica_directory_id=ZERO_UUID,  # Voters are fixed: known by their node's id alone.
        log_end_offset=log.end_offset,
        last_fetch_timestamp=now_ms,
        last_caught_up_timestamp=now_ms,
    )
    return DescribedPartition(
        partition_index=0,
        error_code=0,
        error_message=NO_MESSAGE,
        leader_id=node.node_id,
        leader_epoch=log.leader_epoch,
        high_watermark=log.high_watermark,
        current_voters=[voter],
        observers=[],
    )


def _unknown(index: int) -> DescribedPartition:
    return DescribedPartition(
        partition_index=index,
        error_code=ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        error_message="This server does not host this topic-partition.",
        leader_id=0,
        leader_epoch=0,
        high_watermark=0,
        current_voters=[],
        observers=[],
    )


def _node(call: Call) -> QuorumNode:
    """Return where this client reaches the controller: where it reaches the broker."""
    host, port = call.node.advertised(call.connection)
    name = call.connection.listener.endpoint.name
    return QuorumNode(
        node_id=call.node.node_id, listeners=[QuorumListener(name=name, host=host, port=port)]
    )

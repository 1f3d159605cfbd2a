"""WriteTxnMarkers (key 27): end transactions in partitions, as a coordinator or a tool asks.

v2 says by which version of transactions epochs are checked (KIP-890). `kafka-transactions.sh
abort` ends a hanging transaction so.
"""

from kafkacompat.coordinator.transactions.markers import Marker, MarkerRound
from kafkacompat.coordinator.transactions.state import TopicIndex
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply, wait_for
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerPartitionResult,
    WritableTxnMarkerResult,
    WritableTxnMarkerTopicResult,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)

Codes = dict[TopicIndex, ErrorCode]


def refuse(
    request: WriteTxnMarkersRequest, code: ErrorCode, message: str | None
) -> WriteTxnMarkersResponse:
    """Answer every partition with one error."""
    return WriteTxnMarkersResponse(
        markers=[_result(wanted, dict.fromkeys(_named(wanted), code)) for wanted in request.markers]
    )


@handles(
    WriteTxnMarkersRequest,
    versions="0-2",
    authorise=needs(Operation.CLUSTER_ACTION, Resource.CLUSTER),
    refuse=refuse,
)
async def write_txn_markers(call: Call, request: WriteTxnMarkersRequest) -> WriteTxnMarkersResponse:
    """Append markers; the answer comes when they are durable.

    Errors, per partition: those of `markers.stage_marker`.
    """
    code = call.check(Operation.CLUSTER_ACTION, Resource.CLUSTER, "kafka-cluster")
    if code:
        raise KafkaError(code)
    return WriteTxnMarkersResponse(
        markers=[_result(wanted, await _write(call, wanted)) for wanted in request.markers]
    )


async def _write(call: Call, wanted: WritableTxnMarker) -> Codes:
    marker = Marker(
        producer_id=wanted.producer_id,
        epoch=wanted.producer_epoch,
        commit=wanted.transaction_result,
        coordinator_epoch=wanted.coordinator_epoch,
        version=wanted.transaction_version,
    )
    partitions = _named(wanted)
    reply = Reply()
    MarkerRound(call.node, marker).write(partitions, reply.resolve)
    written: MarkerRound = await wait_for(reply)
    codes = dict.fromkeys(partitions, ErrorCode.NONE)
    for partition, error in (written.failed | written.refused).items():
        codes[partition] = error.code
    return codes


def _named(wanted: WritableTxnMarker) -> list[TopicIndex]:
    return [(topic.name, index) for topic in wanted.topics for index in topic.partition_indexes]


def _result(wanted: WritableTxnMarker, codes: Codes) -> WritableTxnMarkerResult:
    return WritableTxnMarkerResult(
        producer_id=wanted.producer_id,
        topics=[
            WritableTxnMarkerTopicResult(
                name=topic.name,
                partitions=[
                    WritableTxnMarkerPartitionResult(
                        partition_index=index, error_code=codes[topic.name, index]
                    )
                    for index in topic.partition_indexes
                ],
            )
            for topic in wanted.topics
        ],
    )

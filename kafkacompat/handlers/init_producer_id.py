"""InitProducerId (key 22): a producer id for idempotence.

v3 lets a producer that lost track keep its id and take the next epoch (KIP-360). A transactional
id is refused: there are no transactions yet.
"""

from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.init_producer_id import (
    InitProducerIdRequest,
    InitProducerIdResponse,
)

NO_PRODUCER_ID = NO_EPOCH = -1


def refuse(
    request: InitProducerIdRequest, code: ErrorCode, message: str | None
) -> InitProducerIdResponse:
    """Answer with an error."""
    return InitProducerIdResponse(error_code=code, producer_epoch=NO_EPOCH)


@handles(
    InitProducerIdRequest,
    versions="0-5",
    authorise=needs(Operation.IDEMPOTENT_WRITE, Resource.CLUSTER),
    refuse=refuse,
)
async def init_producer_id(call: Call, request: InitProducerIdRequest) -> InitProducerIdResponse:
    """Give out a new producer id, epoch 0. An idempotent producer always gets a new one.

    Errors: INVALID_REQUEST, COORDINATOR_NOT_AVAILABLE (transactional ids).
    """
    if request.transactional_id is not None:
        code = (
            ErrorCode.INVALID_REQUEST
            if request.transactional_id == ""
            else ErrorCode.COORDINATOR_NOT_AVAILABLE
        )
        raise KafkaError(code)
    code = call.check(Operation.IDEMPOTENT_WRITE, Resource.CLUSTER, "kafka-cluster")
    if code:
        raise KafkaError(code)
    producer_id = await call.node.controller.next_producer_id()
    return InitProducerIdResponse(error_code=0, producer_id=producer_id, producer_epoch=0)

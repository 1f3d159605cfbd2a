"""UnregisterBroker (key 64): forget a broker that will not come back. v0 is the only version."""

from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.messages.unregister_broker import (
    UnregisterBrokerRequest,
    UnregisterBrokerResponse,
)


@handles(UnregisterBrokerRequest, versions="0", authorise=needs(Operation.ALTER, Resource.CLUSTER))
async def unregister_broker(
    call: Call, request: UnregisterBrokerRequest
) -> UnregisterBrokerResponse:
    """Forget a broker. Errors: those of `placement_commands.unregister_broker`."""
    code = call.check(Operation.ALTER, Resource.CLUSTER, "kafka-cluster")
    if code:
        raise KafkaError(code)
    await call.node.controller.unregister_broker(request.broker_id)
    return UnregisterBrokerResponse(error_code=0)

"""Who asks: everything is allowed until an authorizer exists."""

from typing import Any, cast

from kafkacompat.server.call import Call, Operation, Resource


class Stub:
    client_id = "me"


def test_a_call_knows_its_client_and_may_do_everything() -> None:
    call = Call(cast(Any, None), cast(Any, Stub()), 12, 4)
    assert (call.client_id, call.api_key, call.version) == ("me", 12, 4)
    for resource in Resource:
        assert call.check(Operation.READ, resource, "x") == 0

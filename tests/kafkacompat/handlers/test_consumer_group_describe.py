"""ConsumerGroupDescribe over the wire; a group with members is in the heartbeat's tests."""

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.consumer_group_describe import ConsumerGroupDescribeRequest
from tests.support.groups_on_the_wire import enter
from tests.support.node import RunningNode


def test_a_classic_group_is_no_consumer_group(broker: RunningNode) -> None:
    enter(broker, "classic")
    request = ConsumerGroupDescribeRequest(
        group_ids=["classic"], include_authorized_operations=False
    )
    (told,) = broker.call(request, 1).groups
    assert told.error_code == ErrorCode.GROUP_ID_NOT_FOUND
    assert told.error_message == "Group classic is not a consumer group."

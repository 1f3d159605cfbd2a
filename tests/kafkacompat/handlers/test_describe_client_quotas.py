"""DescribeClientQuotas over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_client_quotas import (
    ComponentData,
    DescribeClientQuotasRequest,
)
from tests.kafkacompat.handlers.test_alter_client_quotas import alter, entry
from tests.support.node import RunningNode, running_node


@pytest.mark.parametrize("version", [0, 1])
def test_quotas_are_shown_with_their_entities(version: int) -> None:
    with running_node() as broker:
        alter(broker, entry({"user": None, "client-id": "c"}, request_percentage=5.5))

        told = broker.call(DescribeClientQuotasRequest(components=[], strict=False), version)

        (found,) = told.entries
        parts = [(part.entity_type, part.entity_name) for part in found.entity]
        assert (told.error_code, told.error_message) == (0, "")
        assert parts == [("client-id", "c"), ("user", None)]
        assert [(v.key, v.value) for v in found.values] == [("request_percentage", 5.5)]


def test_a_filter_that_makes_no_sense_is_refused(broker: RunningNode) -> None:
    wrong = ComponentData(entity_type="user", match_type=0, match=None)

    told = broker.call(DescribeClientQuotasRequest(components=[wrong], strict=False), 1)

    assert (told.error_code, told.entries) == (ErrorCode.INVALID_REQUEST, None)
    assert told.error_message.startswith("Request specified MATCH_TYPE_EXACT")

"""ConsumerGroupRegularExpression's bytes, when a pattern is resolved."""

import pytest

from kafkacompat_protocol.coordinator_records.group.consumer_group_regular_expression import (
    ConsumerGroupRegularExpressionKey,
    ConsumerGroupRegularExpressionValue,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        ConsumerGroupRegularExpressionKey(group_id="g", regular_expression="a.*"),
        0,
        "0001670003612e2a",
        id="a key",
    ),
    pytest.param(
        ConsumerGroupRegularExpressionValue(topics=["ab"], version=9, timestamp=1000),
        0,
        "02036162000000000000000900000000000003e800",
        id="a value",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)

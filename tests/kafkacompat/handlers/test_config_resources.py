import pytest

from kafkacompat.handlers.config_resources import check_once
from kafkacompat_protocol.errors import ErrorCode, KafkaError


def test_a_resource_may_be_named_once() -> None:
    check_once(1)
    with pytest.raises(KafkaError) as caught:
        check_once(2)
    assert caught.value.code == ErrorCode.INVALID_REQUEST

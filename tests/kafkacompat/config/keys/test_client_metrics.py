"""Which clients a subscription to metrics is for."""

import pytest

from kafkacompat.config.keys.client_metrics import CLIENT_PARTS, check_patterns
from kafkacompat.config.rows import InvalidValue


@pytest.mark.parametrize(
    "text", ["", "client_id=a,client_id=b", *(f"{part}=[0-9]+" for part in CLIENT_PARTS)]
)
def test_a_pattern_is_good(text: str) -> None:
    check_patterns(text)


@pytest.mark.parametrize("text", ["bad", "bad=1", "client_id", "client_id=(", "client_id=a=b"])
def test_what_is_no_pattern_is_refused_in_kafkas_words(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_patterns(f"client_id=x,{text}")
    assert str(caught.value) == f"Illegal client matching pattern: {text}"

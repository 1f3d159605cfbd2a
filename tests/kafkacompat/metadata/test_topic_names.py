import pytest

from kafkacompat.metadata.topic_names import check_collision, check_topic_name
from kafkacompat_protocol.errors import ErrorCode, KafkaError


@pytest.mark.parametrize("name", ["a", "A.b_c-9", "a" * 249, "..."])
def test_a_legal_name_is_good(name: str) -> None:
    check_topic_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a" * 250, "a b", "ä", "a/b", "a\n"])
def test_an_illegal_name_is_refused(name: str) -> None:
    with pytest.raises(KafkaError) as caught:
        check_topic_name(name)
    assert caught.value.code == ErrorCode.INVALID_TOPIC_EXCEPTION
    assert (caught.value.message or "").startswith("Topic name is invalid: ")


def test_names_that_differ_in_dots_and_underscores_collide() -> None:
    check_collision(["a.b", "ab"], "a.b")
    check_collision(["a_b"], "ab")
    with pytest.raises(KafkaError) as caught:
        check_collision(["ab", "a_b"], "a.b")
    assert caught.value.message == "Topic 'a.b' collides with existing topic: a_b"

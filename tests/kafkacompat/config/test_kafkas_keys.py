from kafkacompat.config.kafkas_keys import KAFKAS_KEYS
from kafkacompat.config.load import KNOWN


def test_a_key_that_has_a_row_is_not_on_the_list_of_those_without() -> None:
    assert KAFKAS_KEYS.isdisjoint(KNOWN)


def test_the_list_holds_names() -> None:
    assert all(name.replace(".", "").replace("_", "").isalnum() for name in KAFKAS_KEYS)
    assert "metric.reporters" in KAFKAS_KEYS

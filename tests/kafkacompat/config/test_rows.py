import pytest

from kafkacompat.config.rows import (
    InvalidValue,
    Key,
    Scope,
    boolean,
    double,
    long,
    one_of,
    short,
    string,
    whole,
    words,
)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (whole(), "-5", -5),
        (short(), "32767", 32767),
        (long(), "9223372036854775807", (1 << 63) - 1),
        (double(0, 1), "0.5", 0.5),
        (boolean(), "TRUE", True),
        (boolean(), "false", False),
        (string(), "x", "x"),
        (one_of("a", "b"), "b", "b"),
        (words(), " a, b,,", ("a", "b")),
        (words("a"), "", ()),
    ],
)
def test_text_becomes_a_value(kind: object, text: str, value: object) -> None:
    assert kind.parse(text) == value  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (whole(), "2147483648"),
        (whole(), "1.5"),
        (whole(3, 4), "5"),
        (short(), "32768"),
        (double(0, 1), "1.1"),
        (double(0, 1), "nan"),
        (double(0, 1), "much"),
        (boolean(), "yes"),
        (one_of("a"), "A"),
        (words("a"), "a,b"),
        (words(at_least=1), ","),
    ],
)
def test_a_wrong_text_is_refused(kind: object, text: str) -> None:
    with pytest.raises(InvalidValue):
        kind.parse(text)  # type: ignore[attr-defined]


def test_a_refusal_names_the_key_and_the_value() -> None:
    row = Key("a.b", whole(1), 1, Scope.BROKER, "Text.")
    with pytest.raises(InvalidValue) as caught:
        row.parse("0")
    assert str(caught.value) == "Invalid value 0 for configuration a.b: Value must be at least 1"


def test_values_are_written_as_kafka_writes_them() -> None:
    assert Key("a", boolean(), True, Scope.BROKER, "").text(True) == "true"
    assert Key("a", words(), (), Scope.BROKER, "").text(("x", "y")) == "x,y"
    assert Key("a", string(), None, Scope.BROKER, "").text(None) is None

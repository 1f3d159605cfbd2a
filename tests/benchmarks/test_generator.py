"""What is read off the load generator's line."""

import pytest

from benchmarks.generator import LoadError, Measured, Topic, parse


def test_a_line_becomes_what_was_measured() -> None:
    line = (
        '{"records":10,"requests":5,"bytes":1000,"seconds":2.0,"client_cpu_seconds":0.5,'
        '"latency_ms":{"p50":1.0,"p99":2.0,"p999":3.0,"max":4.0},"errors":0,"note":"text"}\n'
    )

    assert parse(line, 0.25) == Measured(
        seconds=2.0,
        records=10,
        requests=5,
        bytes=1000,
        client_cpu_seconds=0.5,
        broker_cpu_seconds=0.25,
        latency_ms={"p50": 1.0, "p99": 2.0, "p999": 3.0, "max": 4.0},
        extra={"errors": 0.0},
    )


def test_what_a_mode_does_not_have_is_zero_or_empty() -> None:
    assert parse('{"seconds":1,"latency_ms":null}', 0) == Measured(seconds=1)


@pytest.mark.parametrize("printed", ["", "thread panicked", "[]", '{"records":1}', '{"seconds":'])
def test_anything_else_is_an_error(printed: str) -> None:
    with pytest.raises(LoadError):
        parse(printed, 0)


def test_arguments_get_the_topic_of_the_round() -> None:
    arguments = ("consume", "--topic", "{topic}", "--partitions", "{partitions}", "{topics}")

    assert Topic("t", 4, 2).filled_in(arguments) == [
        "consume",
        "--topic",
        "t",
        "--partitions",
        "4",
        "2",
    ]

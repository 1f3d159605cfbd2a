"""A few of the faults that `make faults` puts clients through."""

import re
import subprocess

import pytest
from faults.__main__ import KAFKA, command_of, run, verdict
from faults.scenarios import RETRIABLE, scenarios

from tests.support.toolchains import require_kafka_home

WANTED = {
    "Produce answer lost, idempotent": "asks again, succeeds",
    "Produce answer lost, not idempotent": "asks again, succeeds, **2 records**",
    "Produce NOT_ENOUGH_REPLICAS": "asks again, succeeds",
    "OffsetCommit NOT_COORDINATOR": "asks again, succeeds",
    "Fetch throttled for 1 s": "succeeds",
}


def test_librdkafka_does_what_the_page_says() -> None:
    chosen = [each for each in scenarios() if f"{each.api} {each.title}" in WANTED]
    found = run("confluent-kafka", chosen)
    without_times = {
        f"{each.api} {each.title}": re.sub(" after . s", "", what) for each, what in found.items()
    }
    assert without_times == WANTED


def test_the_errors_are_those_that_kafka_calls_retriable() -> None:
    require_kafka_home(KAFKA)
    command = [*command_of("Java"), "retriable"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.split() == RETRIABLE


@pytest.mark.parametrize(
    ("said", "counts", "words"),
    [
        (("Oops", 0.1), (1, 1, 0), "raises Oops"),
        (("Oops", 8.2), (2, 3, 1), "asks again, raises Oops after 8 s, it was done"),
        ((None, 0.1), (1, 1, 0), "succeeds, **lost unnoticed**"),
        ((None, 0.1), (0, 0, None), "did not ask"),
        (("Oops", 0.1), (0, 0, None), "did not ask: raises Oops"),
        (("", 8.0), (1, 1, None), "neither succeeds nor raises"),
    ],
)
def test_what_a_client_did_is_told_in_words(
    said: tuple[str | None, float], counts: tuple[int, int, int | None], words: str
) -> None:
    error, seconds = said
    assert verdict({"error": error, "seconds": seconds}, *counts) == words

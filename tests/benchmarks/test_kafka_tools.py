"""What is read off the output of Kafka's perf tests."""

import pytest

from benchmarks.generator import LoadError, Measured
from benchmarks.kafka_tools import Used, parse_consumer, parse_producer

USED = Used(broker_cpu_seconds=1.5, tool_cpu_seconds=2.5, seconds=4.0)

# As Apache Kafka 4.3.1 prints them.
PRODUCED = """\
60000 records sent, 11990.4 records/sec (11.71 MB/sec), 1.0 ms avg latency, 200.0 ms max latency.
200000 records sent, 100000.0 records/sec (97.66 MB/sec), 5.1 ms avg latency, 210.00 ms max\
 latency, 3 ms 50th, 20 ms 95th, 30 ms 99th, 40 ms 99.9th.
"""
CONSUMED = """\
start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec,\
 rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec
2026-11-22 23:00:00:000, 2026-11-22 23:00:01:000, 195.3125, 195.3, 200000, 200000.0, 500, 500,\
 390.6, 400000.0
"""


def test_the_producers_last_line_is_the_whole_run() -> None:
    assert parse_producer(PRODUCED, 1024, USED) == Measured(
        seconds=2.0,
        records=200_000,
        bytes=204_800_000,
        client_cpu_seconds=2.5,
        broker_cpu_seconds=1.5,
        client_seconds=4.0,
    )


def test_the_consumers_time_is_that_of_fetching() -> None:
    assert parse_consumer(CONSUMED, USED) == Measured(
        seconds=0.5,
        records=200_000,
        bytes=204_800_000,
        client_cpu_seconds=2.5,
        broker_cpu_seconds=1.5,
        client_seconds=4.0,
    )


@pytest.mark.parametrize("printed", ["", "WARN: Exiting before consuming the expected number"])
def test_anything_else_is_an_error(printed: str) -> None:
    with pytest.raises(LoadError):
        parse_producer(printed, 1024, USED)
    with pytest.raises(LoadError):
        parse_consumer(printed, USED)

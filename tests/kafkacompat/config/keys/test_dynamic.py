from kafkacompat.config.rows import Update
from kafkacompat.config.values import BROKER_ROWS


def test_they_change_while_the_broker_runs_without_an_effect() -> None:
    row = BROKER_ROWS["log.cleaner.backoff.ms"]
    assert (row.update, row.is_effective) == (Update.CLUSTER_WIDE, False)


def test_throttles_are_shown_only_where_they_are_set() -> None:
    assert not BROKER_ROWS["leader.replication.throttled.rate"].is_listed


def test_a_number_is_written_as_java_does() -> None:
    row = BROKER_ROWS["log.cleaner.io.max.bytes.per.second"]
    assert row.text(row.default) == "1.7976931348623157E308"

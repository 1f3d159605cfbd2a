from kafkacompat.config.rows import Update
from kafkacompat.config.values import BROKER_ROWS


def test_they_change_while_the_broker_runs_without_an_effect() -> None:
    row = BROKER_ROWS["log.cleaner.io.buffer.size"]
    assert (row.update, row.is_effective) == (Update.CLUSTER_WIDE, False)


def test_throttles_are_shown_only_where_they_are_set() -> None:
    assert not BROKER_ROWS["leader.replication.throttled.rate"].is_listed

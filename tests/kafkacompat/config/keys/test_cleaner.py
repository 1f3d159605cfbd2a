"""Keys of compaction."""

from kafkacompat.config import keys
from kafkacompat.config.rows import Update
from kafkacompat.config.values import BROKER_ROWS


def test_they_change_while_the_broker_runs_but_for_the_switch() -> None:
    rows = [row for name, row in BROKER_ROWS.items() if name.startswith("log.cleaner.")]
    fixed = [row.name for row in rows if row.update is Update.READ_ONLY]
    idle = [row.name for row in rows if not row.is_effective]
    assert len(rows) == 11
    assert (fixed, idle) == (["log.cleaner.enable"], ["log.cleaner.io.buffer.size"])


def test_a_number_is_written_as_java_does() -> None:
    row = keys.LOG_CLEANER_BYTES_PER_SECOND
    assert row.text(row.default) == "1.7976931348623157E308"
    assert row.parse("1048576") == 1048576.0

"""What a shard does that changes by no record."""

from typing import Any, cast

from kafkacompat.coordinator.outcome import Outcome
from kafkacompat.coordinator.shard import Shard


def test_a_plain_shard_takes_no_notice_of_its_own_records() -> None:
    shard = Shard(cast(Any, None))

    assert shard.written("key", "value", 0, 0) is False
    assert shard.apply("key", "value", 0, 0) == Outcome()
    assert shard.lost("key", "value", 0) == ("", Outcome())
    assert shard.loaded(0, 0) == []

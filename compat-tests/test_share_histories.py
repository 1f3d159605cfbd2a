"""The short form of the share histories; `share_histories.py` by itself is the long one."""

from pathlib import Path

import pytest
import share_histories

from tests.support.node import running_node
from tests.support.toolchains import kafka_home_module, require_kafka_home

pytestmark = pytest.mark.java


def test_members_live_through_the_same_with_kafka_and_with_us(tmp_path: Path) -> None:
    home = require_kafka_home("4.3.1")
    settings = share_histories.SETTINGS
    with (
        kafka_home_module().running_broker(home, tmp_path, settings=settings) as kafka,
        running_node(settings) as broker,
    ):
        addresses = [("127.0.0.1", kafka.port), broker.address]
        found = [share_histories.tell(addresses, seed, steps=60) for seed in range(2)]

    assert found == ["", ""]

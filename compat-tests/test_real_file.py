"""The short form of real_file.py: every client, direction and codec, with a few megabytes."""

from pathlib import Path

import real_file
from broker_process import running_broker
from environments import EnvironmentFailed

from tests.support.toolchains import unavailable


def test_a_file_comes_back_byte_for_byte_by_every_way(tmp_path: Path) -> None:
    with running_broker(tmp_path / "data", *real_file.NODE_OPTIONS) as broker:
        try:
            found = list(real_file.passages(broker.bootstrap, tmp_path, 2_000_000))
        except EnvironmentFailed as error:
            unavailable(str(error))
    assert len(found) == 10
    assert [passage.row() for passage in found if not passage.is_same] == []

"""The short form of `make disk-full`."""

import os
from pathlib import Path

import pytest

from disk import full


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may mount")
def test_a_full_disk_refuses_writes_and_nothing_else_until_there_is_room(tmp_path: Path) -> None:
    assert full.run(2, tmp_path) == []

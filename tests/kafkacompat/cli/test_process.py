import os
import subprocess
import sys

import pytest

from kafkacompat.cli import process
from kafkacompat.cli.process import age_ms, identity, is_gone, wait_until_gone


def test_a_process_has_one_identity() -> None:
    mine = identity(os.getpid())
    assert mine is not None
    assert mine == identity(os.getpid())
    assert not is_gone(os.getpid(), mine)


def test_another_process_with_the_same_number_is_told_apart() -> None:
    assert is_gone(os.getpid(), "ticks 1")


def test_a_process_that_is_not_there_has_no_identity() -> None:
    assert identity((1 << 22) + 1) is None


def test_where_there_is_no_proc_ps_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_proc_fields", lambda pid: [])
    found = identity(os.getpid())
    assert found is not None
    assert not found.startswith("ticks")
    assert found == identity(os.getpid())


def test_the_end_of_a_process_is_seen_before_its_parent_collects_it() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        known = identity(child.pid)
        assert known is not None
        assert not wait_until_gone(child.pid, known, timeout_s=0)
        assert child.stdin is not None
        child.stdin.close()
        assert wait_until_gone(child.pid, known, timeout_s=20)


def test_the_age_grows_and_needs_no_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    first = age_ms()
    assert 0 <= first <= age_ms()
    monkeypatch.setattr(process, "_proc_fields", lambda pid: [])
    assert age_ms() >= 0

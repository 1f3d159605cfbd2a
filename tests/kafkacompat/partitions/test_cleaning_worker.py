"""The process that compacts, by what it is told and says."""

import io
import subprocess
import sys
from pathlib import Path

from kafkacompat.partitions.cleaning_process import program
from kafkacompat.partitions.cleaning_worker import carry_out
from kafkacompat_storage.compaction.lines import Ended, Order, decode_step, encode_order
from kafkacompat_storage.compaction.looking import Look
from kafkacompat_storage.compaction.work import Cleaned, Mapped, Progress
from kafkacompat_storage.os_files import OsFiles
from tests.support import batches as b
from tests.support.compaction import RULES, keyed

DEADLINE_S = 20


def order_of(folder: Path, rate: float | None = None) -> Order:
    log = b.new_log(OsFiles(), str(folder))
    for number in range(40):
        b.append(log, keyed((b"k%d" % (number % 3), b"%d" % number * 20)))
    log.roll(b.NOW)
    look = Look(log, None)
    look.remember()
    facts = look.facts(RULES)
    span, _ = look.judge(facts, RULES, b.NOW)
    task = look.task(facts, span, RULES, now_ms=b.NOW, memory_bytes=1 << 20, load_factor=0.9)
    return Order(task, str(folder), 4096, rate)


def test_it_reports_each_step_and_how_much_was_read(tmp_path: Path) -> None:
    order = order_of(tmp_path / "t-0")
    out = io.BytesIO()
    carry_out(order, out)
    steps = [decode_step(line) for line in out.getvalue().splitlines()]
    assert [step for step in steps if isinstance(step, Mapped)] == [Mapped(40, 3)]
    assert [step.kept for step in steps if isinstance(step, Cleaned)][-1] == 3
    assert steps[-1] == Ended()
    size = sum(segment.size for segment in order.task.segments)
    assert sum(step.read_bytes for step in steps if isinstance(step, Progress)) == 2 * size
    assert (tmp_path / "t-0" / f"{0:020d}.log.cleaned").exists()


def test_it_says_why_it_came_to_nothing(tmp_path: Path) -> None:
    order = order_of(tmp_path / "t-0")
    path = tmp_path / "t-0" / f"{0:020d}.log"
    content = bytearray(path.read_bytes())
    content[80] ^= 1
    path.write_bytes(content)
    out = io.BytesIO()
    carry_out(order, out)
    ended = decode_step(out.getvalue().splitlines()[-1])
    assert isinstance(ended, Ended)
    assert ended.is_bad
    assert "CRC does not match" in ended.error
    path.unlink()
    carry_out(order, out)
    ended = decode_step(out.getvalue().splitlines()[-1])
    assert isinstance(ended, Ended)
    assert (ended.is_bad, "No such file" in ended.error) == (False, True)


def test_it_ends_with_its_stdin_even_amid_a_pass(tmp_path: Path) -> None:
    order = order_of(tmp_path / "t-0", rate=1.0)  # It would take hours.
    order.task.segments[:] = order.task.segments * 40
    child = subprocess.Popen(program(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    for line in encode_order(order):
        child.stdin.write(line)
    child.stdin.close()
    assert child.wait(DEADLINE_S) == 0
    child.stdout.close()
    assert sys.executable == program()[0]

"""A process for slow work: it answers, it dies and is replaced, it ends."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from kafkacompat.clock import Timers
from kafkacompat.worker import IDLE_MS, LoopWorker, Worker, WorkerError
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_storage.validate import InvalidRecords
from tests.support.clock import FakeClock

DEADLINE_S = 20


def double(content: bytes) -> bytes:
    return content * 2


def pid() -> int:
    return os.getpid()


def fail(code: int) -> None:
    raise InvalidRecords([(3, "why")], ErrorCode(code))


def kill() -> None:
    os._exit(1)


def chatter() -> str:
    print("to whom it may concern")
    return "answer"


def until(condition: object) -> None:
    give_up = time.monotonic() + DEADLINE_S
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < give_up
        time.sleep(0.01)


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.end_process()


def test_it_answers_out_of_one_other_process(worker: Worker) -> None:
    content = os.urandom(3 << 20)
    assert worker.call(double, content) == content * 2
    assert worker.call(pid) == worker.call(pid) != os.getpid()
    assert worker.call(chatter) == "answer"


def test_errors_come_back_whole(worker: Worker) -> None:
    with pytest.raises(InvalidRecords) as raised:
        worker.call(fail, ErrorCode.INVALID_TIMESTAMP)
    assert raised.value.code is ErrorCode.INVALID_TIMESTAMP
    assert raised.value.record_errors == [(3, "why")]
    assert (raised.value.message or "").endswith("invalid timestamp")
    with pytest.raises(KafkaError):
        worker.call(fail, 2)


def test_a_process_that_dies_is_replaced(worker: Worker) -> None:
    first = worker.call(pid)
    with pytest.raises(WorkerError):
        worker.call(kill)
    assert worker.call(pid) != first
    os.kill(worker.call(pid), 9)
    assert worker.call(double, b"a") == b"aa"


def test_it_ends_with_whoever_started_it_however_that_dies() -> None:
    script = (
        "import os; from kafkacompat.worker import Worker;"
        " from tests.kafkacompat.test_worker import pid;"
        " print(Worker().call(pid), flush=True); os.kill(os.getpid(), 9)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert told.returncode == -9
    until(lambda: not is_alive(int(told.stdout)))


def test_the_loops_worker_ends_when_it_is_idle() -> None:
    clock = FakeClock()
    worker = LoopWorker(Timers(clock))
    assert asyncio.run(worker.call(double, b"a")) == b"aa"
    clock.advance(IDLE_MS - 1)
    assert worker.worker.is_running
    clock.advance(1)
    until(lambda: not worker.worker.is_running)
    assert asyncio.run(worker.call(double, b"a")) == b"aa"
    worker.close()
    assert not worker.worker.is_running
    assert not [one for one in threading.enumerate() if "worker" in one.name]

"""The process that compacts: takes orders from stdin, writes files, reports steps on stdout.

It ends when its stdin does, so that it never outlives the broker, however that ends. It reads
sealed segments, which nobody changes, and writes files that count for nothing until the broker
has given them their names; so it can die at any moment.
"""

import os
import signal
import sys
import threading
from queue import SimpleQueue
from typing import BinaryIO, Final

from kafkacompat.clock import SystemClock
from kafkacompat.partitions.throttle import Throttle
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_storage.compaction.lines import Ended, Order, OrderReader, encode_step
from kafkacompat_storage.compaction.work import FilePlace, Progress, Step, compact
from kafkacompat_storage.os_files import OsFiles

NICENESS: Final = 10
REPORT_EVERY_S: Final = 1.0
THROTTLED_AT_A_TIME: Final = 64 << 10


class Reporter:
    """Writes steps to the broker, and of progress only so much."""

    def __init__(self, out: BinaryIO, clock: SystemClock) -> None:
        self._out = out
        self._clock = clock
        self._read = self._written = 0
        self._last_s = clock.seconds()

    def progress(self, read: int, written: int) -> None:
        """Count bytes, and tell of them once in a while."""
        self._read += read
        self._written += written
        now_s = self._clock.seconds()
        if now_s - self._last_s >= REPORT_EVERY_S:
            self._last_s = now_s
            self.flush()

    def flush(self) -> None:
        """Tell of what was counted."""
        self._write(Progress(self._read, self._written))
        self._read = self._written = 0

    def step(self, step: Step | Ended) -> None:
        """Tell of anything else."""
        self.flush()
        self._write(step)

    def _write(self, step: Step | Ended) -> None:
        self._out.write(encode_step(step))
        self._out.flush()


def carry_out(order: Order, out: BinaryIO) -> None:
    """Do a pass, and report it."""
    clock = SystemClock()
    reporter = Reporter(out, clock)
    throttle = Throttle(order.bytes_per_second, clock.seconds)
    pause = threading.Event()
    read = written = 0
    try:
        place = FilePlace(OsFiles(), order.folder, order.index_interval)
        for step in compact(order.task, place):
            if not isinstance(step, Progress):
                reporter.step(step)
                continue
            read += step.read_bytes
            written += step.written_bytes
            if read + written >= THROTTLED_AT_A_TIME:
                pause.wait(throttle.take(read + written))
                reporter.progress(read, written)
                read = written = 0
    except KafkaError as error:
        reporter.step(Ended(str(error), is_bad=True))
    except OSError as error:
        reporter.step(Ended(str(error)))
    else:
        reporter.progress(read, written)
        reporter.step(Ended())


def main() -> None:
    """Carry orders out until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the broker's to act on.
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    orders: SimpleQueue[Order] = SimpleQueue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    while True:
        carry_out(orders.get(), sys.stdout.buffer)


def _listen(orders: "SimpleQueue[Order]") -> None:
    reader = OrderReader()
    for line in sys.stdin.buffer:
        order = reader.take(line)
        if order is not None:
            orders.put(order)
    os._exit(0)  # Whatever is being done: the broker is gone, or does not want it.

"""What the clients' `real_file_client.py` share: command line, clock, files by line number."""

import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

PARTITIONS = 8
DEADLINE_S = 600

Produce = Callable[[str, str, str, list[bytes]], None]
Consume = Callable[[str, str, int], Iterable[tuple[bytes, bytes]]]


def main(produce: Produce, consume: Consume) -> None:
    """Run `produce BOOTSTRAP TOPIC CODEC FILE` or `consume BOOTSTRAP TOPIC LINES FILE`."""
    action, bootstrap, topic, detail, file = sys.argv[1:]
    path = Path(file)
    started = time.monotonic()
    if action == "produce":
        lines = path.read_bytes().splitlines(keepends=True)
        started = time.monotonic()
        produce(bootstrap, topic, detail, lines)
        count = len(lines)
    else:
        count = int(detail)
        found: list[bytes | None] = [None] * count
        received = 0
        for key, value in consume(bootstrap, topic, count):
            if found[int(key)] is not None:
                raise SystemExit(f"line {int(key)} came twice")
            found[int(key)] = value
            received += 1
        if received != count:
            raise SystemExit(f"{received} of {count} lines came")
        path.write_bytes(b"".join(line for line in found if line is not None))
    print(json.dumps({"lines": count, "seconds": time.monotonic() - started}))

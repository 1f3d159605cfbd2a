"""What every client's `transactions.py` does: make transactions, or read what is committed.

Runs in the client's own environment: `transactions.py transact BOOTSTRAP` obeys JSON lines on
stdin, `[action, producer, ...]` with one of the methods of `Transactor`, and answers each with a
line: `{}`, or `{"error": name, "text": ...}`. `transactions.py read BOOTSTRAP TOPIC...` prints a
line after each poll: the records it got, `[topic, partition, offset, value]` each.
"""

import json
import sys
from collections.abc import Callable, Iterable
from typing import Protocol

PARTITIONS = 2
"""Of every topic."""

Row = tuple[str, int, int, bytes]
"""Topic, partition, offset and value."""


class Transactor(Protocol):
    """Producers by name. `open` is given a group and an input topic if it is to consume."""

    def open(
        self, name: str, transactional_id: str, timeout_ms: int, group: str, topic: str
    ) -> None: ...

    def begin(self, name: str) -> None: ...

    def send(self, name: str, topic: str, partition: int, value: str) -> None:
        """Return when the record is acknowledged."""

    def transform(self, name: str, topic: str, count: int) -> None:
        """Read `count` records, write each in capitals to `topic`, and send the offsets."""

    def commit(self, name: str) -> None: ...

    def abort(self, name: str) -> None: ...

    def close(self, name: str) -> None: ...


Poller = Callable[[], Iterable[Row]]
"""Waits for records a tenth of a second at most."""


def main(
    transactor: Callable[[str], Transactor], reader: Callable[[str, list[str]], Poller]
) -> None:
    """Do what the command line says."""
    role, bootstrap, *topics = sys.argv[1:]
    if role == "read":
        poll = reader(bootstrap, topics)
        while True:
            rows = [[*where, value.decode()] for *where, value in poll()]
            print(json.dumps(rows), flush=True)
    transacts = transactor(bootstrap)
    for line in sys.stdin:
        action, *arguments = json.loads(line)
        answer = {}
        try:
            getattr(transacts, action)(*arguments)
        except Exception as error:
            name = getattr(error, "name", type(error).__name__)
            answer = {"error": name, "text": repr(error)}
        print(json.dumps(answer), flush=True)

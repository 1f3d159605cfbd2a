"""What the Python programs share: commands on stdin, each in a thread, an answer on stdout.

A command is a line of JSON: {"id": 1, "do": "produce", "client_id": "s1", "topic": "t1",
"group": "g1", "idempotent": true}. Its answer: {"id": 1, "error": null, "seconds": 0.1}, `error`
being the name of what was raised.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, Final

REQUEST_TIMEOUT_MS: Final = 2_000
GIVE_UP_MS: Final = 8_000
SESSION_TIMEOUT_MS: Final = 1_500
AT_ONCE: Final = 6

Action = Callable[[str, Any], None]


class GaveUp(Exception):
    """Nothing came of it in GIVE_UP_MS, and nothing was raised."""


def serve(name_of: Callable[[BaseException], str], *actions: Action) -> None:
    """Do what is asked, with the functions of these names, until stdin ends.

    A function gets the address and the command, and raises what the client raises.
    """
    by_name = {action.__name__: action for action in actions}
    lock = threading.Lock()

    def answer(line: str) -> None:
        asked = SimpleNamespace(**json.loads(line))
        began = time.monotonic()
        try:
            by_name[asked.do](sys.argv[1], asked)
            error = None
        except GaveUp:
            error = ""
        except Exception as raised:
            error = name_of(raised)
        said = {"id": asked.id, "error": error, "seconds": round(time.monotonic() - began, 2)}
        with lock:
            print(json.dumps(said), flush=True)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for line in sys.stdin:
            pool.submit(answer, line)


def until(step: Callable[[], bool]) -> None:
    """Step until one says that it is done. Errors: GaveUp."""
    end = time.monotonic() + GIVE_UP_MS / 1000
    while not step():
        if time.monotonic() > end:
            raise GaveUp

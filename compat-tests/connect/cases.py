"""What Kafka Connect does standalone, against any broker: a file in, and the same file out."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from python_cases import BOOTSTRAP, SCRATCH, end, equal, run, until

HOME = Path(sys.argv[1])
FOLDER = Path(SCRATCH)
SOURCE, SINK = FOLDER / "source.txt", FOLDER / "sink.txt"
WORKER = f"""\
bootstrap.servers={BOOTSTRAP}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
offset.storage.file.filename={FOLDER}/offsets
offset.flush.interval.ms=200
plugin.discovery=only_scan
listeners=http://127.0.0.1:0
"""
CONNECTORS = {
    "source": f"connector.class=FileStreamSource\nfile={SOURCE}\ntopic=connect",
    "sink": f"connector.class=FileStreamSink\nfile={SINK}\ntopics=connect",
}


@contextmanager
def worker() -> Iterator[None]:
    """Run Connect with a source and a sink."""
    names = []
    for name, text in {"worker": WORKER, **CONNECTORS}.items():
        path = FOLDER / f"{name}.properties"
        path.write_text(text if name == "worker" else f"name={name}\ntasks.max=1\n{text}\n")
        names.append(str(path))
    log = FOLDER / "connect.log"
    with log.open("a") as output:
        process = subprocess.Popen(
            [str(HOME / "bin" / "connect-standalone.sh"), *names],
            stdout=output,
            stderr=output,
            env=os.environ | {"KAFKA_HEAP_OPTS": "-Xmx256m"},
        )
    try:
        yield
    except BaseException as error:
        raise AssertionError(f"{error!r}; Connect said:\n{log.read_text()[-1500:]}") from error
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def lines(first: int) -> str:
    return "".join(f"line {number}\n" for number in range(first, first + 100))


def sunk() -> str:
    return SINK.read_text() if SINK.exists() else ""


def first_run() -> None:
    SOURCE.write_text(lines(0))
    with worker():
        until("all lines in the sink", lambda: sunk().count("\n") >= 100)
        with SOURCE.open("a") as source:
            source.write(lines(100))
        until("the new lines in the sink", lambda: sunk().count("\n") >= 200)
    equal(sunk(), lines(0) + lines(100))


def second_run() -> None:
    with SOURCE.open("a") as source:
        source.write(lines(200))
    with worker():
        until("the lines of the second run", lambda: sunk().count("\n") >= 300)
    equal(sunk(), lines(0) + lines(100) + lines(200))


run("a file goes through a topic into a file", first_run)
run("a worker that is started again goes on where it was", second_run)
end()

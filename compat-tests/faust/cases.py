"""What a Faust worker does, against any broker: agents, tables and what a changelog is for."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from python_cases import BOOTSTRAP, PATIENCE_S, SCRATCH, end, equal, run, until

WORDS = ["the", "cat", "and", "the", "dog", "and", "the", "bird"]


@contextmanager
def worker(folder: str) -> Iterator[None]:
    """Run a worker, with a state of its own."""
    log = Path(SCRATCH) / f"{folder}.log"
    environment = os.environ | {"FAUST_DATADIR": f"{SCRATCH}/{folder}"}
    here = Path(__file__).resolve().parent
    command = [sys.executable, "-m", "faust", "-A", "words", "worker", "-l", "info"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "--without-web"], cwd=here, env=environment, stdout=output, stderr=output
        )
    try:
        # What arrives while it restores its tables it may commit without having worked on it.
        until("the worker is ready", lambda: "Worker ready" in log.read_text())
        yield
    except BaseException as error:
        raise AssertionError(f"{error!r}; the worker said:\n{log.read_text()[-1500:]}") from error
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def count() -> list[str]:
    """Send the words and return what the worker makes of them."""
    consumer = AIOKafkaConsumer(
        "faust-out",
        bootstrap_servers=BOOTSTRAP,
        group_id="faust-reader",
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(bootstrap_servers=BOOTSTRAP)
    await producer.start()
    await consumer.start()
    try:
        for word in WORDS:
            await producer.send_and_wait("faust-in", word.encode(), key=word.encode())
        found = []
        while len(found) < len(WORDS):
            message = await asyncio.wait_for(consumer.getone(), PATIENCE_S)
            found.append(message.value.decode())
        await consumer.commit()
        return sorted(found)
    finally:
        await consumer.stop()
        await producer.stop()


async def topics() -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    await admin.start()
    await admin.create_topics([NewTopic(name, 2, 1) for name in ("faust-in", "faust-out")])
    await admin.close()


def tables() -> None:
    asyncio.run(topics())
    with worker("first"):
        equal(
            asyncio.run(count()),
            ["and 1", "and 2", "bird 1", "cat 1", "dog 1", "the 1", "the 2", "the 3"],
        )


def recovery() -> None:
    with worker("second"):
        equal(
            asyncio.run(count()),
            ["and 3", "and 4", "bird 2", "cat 2", "dog 2", "the 4", "the 5", "the 6"],
        )


run("an agent counts words into a table", tables)
run("a new worker has the table from its changelog", recovery)
end()

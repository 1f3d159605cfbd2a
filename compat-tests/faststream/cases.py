"""What services written with FastStream do, against any broker, over both of its clients."""

import asyncio
import sys
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import faststream.confluent
import faststream.kafka
from python_cases import BOOTSTRAP, PATIENCE_S, end, equal, run

OVER = {"aiokafka": faststream.kafka, "confluent": faststream.confluent}


async def collected(queue: "asyncio.Queue[object]", count: int) -> list[object]:
    return [await asyncio.wait_for(queue.get(), PATIENCE_S) for _ in range(count)]


async def pipeline(module: ModuleType, name: str) -> None:
    """A service that transforms, one that listens, and the messages between them."""
    broker = module.KafkaBroker(BOOTSTRAP)
    heard: asyncio.Queue[object] = asyncio.Queue()

    @broker.subscriber(f"{name}-in", group_id=f"{name}-upper", auto_offset_reset="earliest")
    @broker.publisher(f"{name}-out")
    async def upper(text: str) -> str:
        return text.upper()

    @broker.subscriber(f"{name}-out", group_id=f"{name}-heard", auto_offset_reset="earliest")
    async def hear(text: str) -> None:
        heard.put_nowait(text)

    async with broker:
        await broker.start()
        for number in range(20):
            await broker.publish(f"text {number}", f"{name}-in", key=b"k", headers={"h": "v"})
        equal(sorted(map(str, await collected(heard, 20))), sorted(f"TEXT {n}" for n in range(20)))


async def batches(module: ModuleType, name: str) -> None:
    """Records sent and taken in batches, and a service that goes on where it was."""
    heard: asyncio.Queue[object] = asyncio.Queue()

    def service() -> object:
        broker = module.KafkaBroker(BOOTSTRAP)

        @broker.subscriber(
            f"{name}-batch", batch=True, group_id=f"{name}-batch", auto_offset_reset="earliest"
        )
        async def hear(texts: list[str]) -> None:
            for text in texts:
                heard.put_nowait(text)

        return broker

    for first in (0, 10):
        broker = service()
        async with broker:  # type: ignore[attr-defined]
            await broker.start()  # type: ignore[attr-defined]
            sent = [f"text {first + number}" for number in range(10)]
            await broker.publish_batch(*sent, topic=f"{name}-batch")  # type: ignore[attr-defined]
            equal(sorted(map(str, await collected(heard, 10))), sorted(sent))


for name, module in OVER.items():
    run(f"a pipeline of services, {name}", lambda m=module, n=name: asyncio.run(pipeline(m, n)))
    run(f"batches and a restart, {name}", lambda m=module, n=name: asyncio.run(batches(m, n)))
end()

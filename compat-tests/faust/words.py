"""A Faust application: an agent, a table with its changelog, and an output topic."""

import os

import faust

app = faust.App(
    "faust-words",
    broker=f"kafka://{os.environ['BOOTSTRAP']}",
    store="memory://",
    datadir=os.environ["FAUST_DATADIR"],
    topic_partitions=2,
    web_enabled=False,
    broker_session_timeout=6.0,
    broker_heartbeat_interval=0.5,
)
words = app.topic(
    "faust-in", key_type=str, value_type=str, value_serializer="raw", key_serializer="raw"
)
counts = app.Table("faust-counts", default=int, partitions=2)
output = app.topic("faust-out", value_type=str, value_serializer="raw")


@app.agent(words, sink=[output])
async def count(stream):
    """Count each word."""
    async for word in stream:
        counts[word] += 1
        yield f"{word} {counts[word]}"

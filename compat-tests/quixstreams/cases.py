"""What a Quix Streams application does, against any broker: state, changelogs, exactly once."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from confluent_kafka import Consumer
from python_cases import BOOTSTRAP, PATIENCE_S, SCRATCH, end, equal, run, until
from quixstreams import Application, State

WORDS = ["the", "cat", "and", "the", "dog", "and", "the", "bird"]


def application(name: str, guarantee: str, folder: str) -> Application:
    return Application(
        broker_address=BOOTSTRAP,
        consumer_group=name,
        auto_offset_reset="earliest",
        processing_guarantee=guarantee,
        state_dir=f"{SCRATCH}/{folder}",
        loglevel="WARNING",
    )


def count_words(name: str, guarantee: str, folder: str, records: int) -> None:
    """Run the word count until it has seen so many records."""
    app = application(name, guarantee, folder)
    words = app.topic(f"{name}-words", value_deserializer="str", key_deserializer="str")
    counts = app.topic(f"{name}-counts", value_serializer="json")
    stream = app.dataframe(words)

    def count(word: str, state: State) -> dict[str, object]:
        total = state.get("total", 0) + 1
        state.set("total", total)
        return {"word": word, "total": total}

    stream.apply(count, stateful=True).to_topic(counts)
    app.run(count=records, timeout=PATIENCE_S)


def produce_words(name: str) -> None:
    app = application(f"{name}-producer", "at-least-once", "producer")
    topic = app.topic(f"{name}-words", value_serializer="str", key_serializer="str")
    with app.get_producer() as producer:
        for word in WORDS:
            message = topic.serialize(key=word, value=word)
            producer.produce(topic=topic.name, key=message.key, value=message.value)


def totals(name: str, count: int) -> dict[str, int]:
    """Read what was committed of the output, and return the newest total of each word."""
    import json

    settings = {"bootstrap.servers": BOOTSTRAP, "group.id": f"{name}-reader"}
    consumer = Consumer({**settings, "auto.offset.reset": "earliest"})
    consumer.subscribe([f"{name}-counts"])
    found = []

    def more() -> bool:
        message = consumer.poll(0.1)
        if message is not None and not message.error():
            found.append(json.loads(message.value()))
        return len(found) >= count

    until(f"{count} totals", more)
    consumer.close()
    equal(len(found), count)
    return {each["word"]: each["total"] for each in found}


def story(guarantee: str) -> None:
    """Count, lose the state's folder, and count on from the changelog."""
    name = guarantee
    produce_words(name)
    count_words(name, guarantee, f"{name}-first", len(WORDS))
    equal(totals(name, len(WORDS)), {"the": 3, "cat": 1, "and": 2, "dog": 1, "bird": 1})
    produce_words(name)
    count_words(name, guarantee, f"{name}-second", len(WORDS))
    equal(totals(name, len(WORDS)), {"the": 6, "cat": 2, "and": 4, "dog": 2, "bird": 2})


for guarantee in ("at-least-once", "exactly-once"):
    run(f"words are counted {guarantee}", lambda guarantee=guarantee: story(guarantee))
end()

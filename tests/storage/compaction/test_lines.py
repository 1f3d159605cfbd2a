"""Orders and steps as lines of JSON, there and back."""

import json

from kafkacompat_storage.compaction.batches import LastOfProducer
from kafkacompat_storage.compaction.choice import Range, Rules, SegmentFacts
from kafkacompat_storage.compaction.lines import (
    Ended,
    Order,
    OrderReader,
    decode_step,
    encode_order,
    encode_step,
)
from kafkacompat_storage.compaction.work import Cleaned, Mapped, Progress, Task
from kafkacompat_storage.txn_index import AbortedTransaction

TASK = Task(
    [SegmentFacts(number, number + 1, 5) for number in range(1200)],
    Range(1, 2),
    Rules(0.5, 1, 2, 3, 4, 5),
    6,
    7,
    0.8,
    {number: LastOfProducer(number, 1) for number in range(700)},
    [AbortedTransaction(1, 2, 3, 4)],
)


def test_an_order_is_put_together_out_of_its_lines():
    reader = OrderReader()
    order = Order(TASK, "/d/t-0", 4096, 1.5)
    lines = list(encode_order(order))
    assert [reader.take(line) for line in lines] == [None] * (len(lines) - 1) + [order]
    assert [reader.take(line) for line in lines][-1] == order
    assert len(lines) == 3 + 2 + 1 + 1


def test_no_line_is_long():
    assert max(map(len, encode_order(Order(TASK, "/d/t-0", 4096)))) < 20_000


def test_steps_come_back_as_they_were():
    steps = [Progress(1, 2), Mapped(3, 4), Cleaned([0, 1], 5, 6, 7), Ended(), Ended("bad", True)]
    assert [decode_step(encode_step(step)) for step in steps] == steps
    assert all(json.loads(encode_step(step)) for step in steps)

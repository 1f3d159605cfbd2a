"""Three brokers, of which one after the other dies: does the program go on?"""

import json

import pytest
from orders import bill_all

pytestmark = pytest.mark.kafka(brokers=3, topics={"orders": 3, "bills": 1})


def test_every_order_is_billed_once_whoever_dies(kafka, kafka_env):
    for number, broker in enumerate(kafka.brokers):
        kafka.produce("orders", json.dumps({"price": number}), key=f"order-{number}")
        kafka.kill(broker)
        bill_all(stop_after=1)
        kafka.restart(broker)
        kafka.clock.advance(seconds=1)
        kafka.wait_for_in_sync("bills")
    assert sorted(json.loads(bill.value)["due"] for bill in kafka.records("bills")) == [0, 1, 2]

"""The program under test: bills what is ordered, exactly once for each order."""

import json
import os

from confluent_kafka import Consumer, Producer


def bill_all(stop_after: int) -> None:
    """Read orders and write bills, until so many were written."""
    servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
    orders = Consumer(
        {"bootstrap.servers": servers, "group.id": "billing", "auto.offset.reset": "earliest"}
    )
    bills = Producer({"bootstrap.servers": servers, "enable.idempotence": True, "linger.ms": 0})
    orders.subscribe(["orders"])
    written = 0
    while written < stop_after:
        message = orders.poll(1.0)
        if message is None or message.error():
            continue
        order = json.loads(message.value())
        bills.produce("bills", key=message.key(), value=json.dumps({"due": order["price"]}))
        bills.flush()
        written += 1
    orders.close()

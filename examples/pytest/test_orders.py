"""A real broker for each test, in milliseconds; and errors that a real one rarely makes."""

import json

import pytest
from orders import bill_all

pytestmark = pytest.mark.kafka(topics={"orders": 3, "bills": 1})


def order(kafka, number):
    kafka.produce("orders", json.dumps({"price": number}), key=f"order-{number}")


def test_every_order_is_billed(kafka, kafka_env):
    for number in range(3):
        order(kafka, number)
    with kafka.assert_produces("bills", 3) as bills:
        bill_all(stop_after=3)
    assert {json.loads(bill.value)["due"] for bill in bills} == {0, 1, 2}
    kafka.wait_for_group("billing", state="Empty")


def test_a_lost_answer_makes_no_second_bill(kafka, kafka_env):
    order(kafka, 7)
    kafka.disconnect("Produce", topic="bills", after=True)
    bill_all(stop_after=1)
    assert len(kafka.records("bills")) == 1
    assert len(kafka.requests("Produce", topic="bills")) == 2


@pytest.mark.parametrize("error", ["NOT_LEADER_OR_FOLLOWER", "NOT_ENOUGH_REPLICAS"])
def test_errors_that_pass_are_survived(kafka, kafka_env, error):
    order(kafka, 7)
    fault = kafka.error("Produce", error, topic="bills", times=2)
    bill_all(stop_after=1)
    assert fault.fired == 2
    assert len(kafka.records("bills")) == 1


def test_offsets_are_forgotten_after_a_week(kafka, kafka_env):
    order(kafka, 7)
    bill_all(stop_after=1)
    assert kafka.committed("billing")
    kafka.clock.advance(days=8)
    kafka.clock.advance(hours=1)
    while kafka.committed("billing"):
        pass

"""Everything that can be asked over HTTP: one row each, from which routes and OpenAPI derive.

An operation is called in a thread, with what came in the path, the query and the body.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from kafkacompat.control.json_form import (
    bytes_of,
    fault_form,
    record_form,
    request_form,
)
from kafkacompat.embedded.broker import Powers, ThreadedBroker
from kafkacompat.embedded.faults import error_code
from kafkacompat.embedded.host import BrokerError
from kafkacompat.embedded.state import Snapshot
from kafkacompat.embedded.waiting import PATIENCE_S

TEXT, WHOLE, NUMBER, FLAG = "string", "integer", "number", "boolean"
OBJECT, ARRAY = "object", "array"
KEPT: Final = 100
"""Snapshots, and forks, that are kept at a time."""

Arguments = dict[str, Any]


@dataclass
class Control:
    """A broker's powers, and what was made with them over HTTP."""

    powers: Powers
    snapshots: dict[int, Snapshot] = field(default_factory=dict)
    forks: dict[int, ThreadedBroker] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))

    def close(self) -> None:
        """Stop the forks."""
        for fork in self.forks.values():
            fork.stop()
        self.forks.clear()


@dataclass(frozen=True)
class Operation:
    """One row. `fields` are names and JSON types; those in `required` must be given."""

    method: str
    path: str
    summary: str
    perform: Callable[[Control, Arguments], Any]
    fields: dict[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()


OPERATIONS: list[Operation] = []
Perform = Callable[[Control, Arguments], Any]


def operation(
    route: str, summary: str, *required: str, **fields: str
) -> Callable[[Perform], Perform]:
    """Enter a row: `route` is a method and a path."""

    def enter(perform: Perform) -> Perform:
        method, path = route.split()
        OPERATIONS.append(Operation(method, path, summary, perform, fields, required))
        return perform

    return enter


# --- the broker, its topics and records


@operation("GET /broker", "Where clients connect, and the broker's time")
def broker(control: Control, given: Arguments) -> Any:
    powers = control.powers
    return {
        "bootstrap_servers": powers.bootstrap_servers,
        "cluster_id": powers.cluster_id,
        "now_ms": powers.clock.now_ms,
    }


@operation("GET /topics", "Topics, and their numbers of partitions")
def topics(control: Control, given: Arguments) -> Any:
    return control.powers.topics()


@operation(
    "POST /topics",
    "Make a topic",
    "name",
    name=TEXT,
    partitions=WHOLE,
    replicas=WHOLE,
    config=OBJECT,
)
def create_topic(control: Control, given: Arguments) -> Any:
    control.powers.create_topic(given.pop("name"), given.pop("partitions", 1), **given)


@operation("DELETE /topics/{name}", "Delete a topic")
def delete_topic(control: Control, given: Arguments) -> Any:
    control.powers.delete_topic(given["name"])


@operation(
    "POST /records",
    "Write a record; values and keys are text, or base64 under another name",
    "topic",
    topic=TEXT,
    partition=WHOLE,
    timestamp=WHOLE,
    key=TEXT,
    key_base64=TEXT,
    value=TEXT,
    value_base64=TEXT,
    headers=ARRAY,
)
def produce(control: Control, given: Arguments) -> Any:
    headers = [(each["name"], bytes_of(each, "value")) for each in given.get("headers", ())]
    partition, offset = control.powers.produce(
        given["topic"],
        bytes_of(given, "value"),
        key=bytes_of(given, "key"),
        partition=given.get("partition"),
        headers=headers,
        timestamp=given.get("timestamp"),
    )
    return {"partition": partition, "offset": offset}


@operation(
    "GET /records",
    "All records of a topic",
    "topic",
    topic=TEXT,
    partition=WHOLE,
    read_committed=FLAG,
)
def records(control: Control, given: Arguments) -> Any:
    found = control.powers.records(given.pop("topic"), **given)
    return [record_form(record) for record in found]


@operation("GET /offsets", "The next offset of each partition", "topic", topic=TEXT)
def offsets(control: Control, given: Arguments) -> Any:
    return control.powers.end_offsets(given["topic"])


# --- groups


@operation("GET /groups", "Groups, and the state of each")
def groups(control: Control, given: Arguments) -> Any:
    return control.powers.groups()


@operation("GET /groups/{group}", "What a group has committed, and how far behind it is")
def group(control: Control, given: Arguments) -> Any:
    name, powers = given["group"], control.powers
    lag = powers.lag(name)
    partitions = [
        {"topic": topic, "partition": index, "committed": offset, "lag": lag.get((topic, index))}
        for (topic, index), offset in powers.committed(name).items()
    ]
    return {"state": powers.groups().get(name), "partitions": partitions}


@operation("POST /groups/{group}/rebalance", "Have all members join again")
def rebalance(control: Control, given: Arguments) -> Any:
    control.powers.force_rebalance(given["group"])


@operation(
    "POST /groups/{group}/move",
    "Have its coordinator begin anew from the log, on another broker if there are several",
    to=WHOLE,
)
def move_coordinator(control: Control, given: Arguments) -> Any:
    control.powers.move_coordinator(given["group"], to=given.get("to"))


# --- faults and requests


@operation("GET /faults", "Faults in force, and how often each has fired")
def faults(control: Control, given: Arguments) -> Any:
    return [fault_form(fault) for fault in control.powers.faults()]


@operation(
    "POST /faults",
    "Have requests fail: error, error_after, delay, disconnect, disconnect_after, black_hole,"
    " throttle; topic, group and client_id are patterns",
    "kind",
    kind=TEXT,
    api=TEXT,
    code=TEXT,
    message=TEXT,
    delay_ms=WHOLE,
    times=WHOLE,
    min_version=WHOLE,
    max_version=WHOLE,
    topic=TEXT,
    partition=WHOLE,
    group=TEXT,
    client_id=TEXT,
    connection=TEXT,
    broker=WHOLE,
    skip=WHOLE,
    probability=NUMBER,
    seed=WHOLE,
)
def add_fault(control: Control, given: Arguments) -> Any:
    if given["kind"] == "intercept":
        raise ValueError("a function cannot be given over HTTP")
    if "code" in given:
        given["code"] = error_code(given["code"])
    return fault_form(control.powers.fault(**given))


@operation("DELETE /faults", "End all faults")
def clear_faults(control: Control, given: Arguments) -> Any:
    control.powers.clear_faults()


@operation("DELETE /faults/{number}", "End a fault", number=WHOLE)
def remove_fault(control: Control, given: Arguments) -> Any:
    control.powers.remove_fault(given["number"])


_FILTERS = {
    "api": TEXT,
    "topic": TEXT,
    "group": TEXT,
    "client_id": TEXT,
    "broker": WHOLE,
    "after": WHOLE,
}


@operation("GET /requests", "What clients have asked, decoded, oldest first", **_FILTERS)
def requests(control: Control, given: Arguments) -> Any:
    return [request_form(request) for request in control.powers.requests(**given)]


# --- waiting


@operation(
    "POST /wait/records",
    "Wait until a topic has so many records; they are answered",
    "topic",
    "count",
    topic=TEXT,
    count=WHOLE,
    timeout_s=NUMBER,
)
def wait_for_records(control: Control, given: Arguments) -> Any:
    found = control.powers.wait_for_records(
        given["topic"], given["count"], timeout_s=given.get("timeout_s", PATIENCE_S)
    )
    return [record_form(record) for record in found]


@operation(
    "POST /wait/group",
    "Wait until a group is in a state (Stable)",
    "group",
    group=TEXT,
    state=TEXT,
    timeout_s=NUMBER,
)
def wait_for_group(control: Control, given: Arguments) -> Any:
    control.powers.wait_for_group(given.pop("group"), **given)


@operation(
    "POST /wait/no-lag",
    "Wait until a group has committed everything there is",
    "group",
    group=TEXT,
    timeout_s=NUMBER,
)
def wait_for_no_lag(control: Control, given: Arguments) -> Any:
    control.powers.wait_for_no_lag(given.pop("group"), **given)


@operation(
    "POST /wait/requests",
    "Wait until clients have asked so often; the requests are answered",
    count=WHOLE,
    timeout_s=NUMBER,
    **_FILTERS,
)
def wait_for_requests(control: Control, given: Arguments) -> Any:
    return [request_form(request) for request in control.powers.wait_for_request(**given)]


# --- time, state, leaders


@operation(
    "POST /clock", "Put the time forward, stop it, let it go on", advance_ms=WHOLE, frozen=FLAG
)
def clock(control: Control, given: Arguments) -> Any:
    moved = control.powers.clock
    if given.get("frozen") is True:
        moved.freeze()
    if "advance_ms" in given:
        moved.advance(ms=given["advance_ms"])
    if given.get("frozen") is False:
        moved.unfreeze()
    return {"now_ms": moved.now_ms}


@operation("POST /reset", "Go back to what the broker started with, without faults and requests")
def reset(control: Control, given: Arguments) -> Any:
    control.powers.reset()


@operation("POST /snapshots", "Keep everything as it is")
def snapshot(control: Control, given: Arguments) -> Any:
    if len(control.snapshots) >= KEPT:
        raise BrokerError(f"{KEPT} snapshots are kept already")
    number = next(control.numbers)
    control.snapshots[number] = control.powers.snapshot()
    return {"snapshot": number}


@operation("POST /snapshots/{snapshot}/restore", "Go back to a snapshot", snapshot=WHOLE)
def restore(control: Control, given: Arguments) -> Any:
    control.powers.restore(control.snapshots[given["snapshot"]])


@operation("DELETE /snapshots/{snapshot}", "Forget a snapshot", snapshot=WHOLE)
def forget(control: Control, given: Arguments) -> Any:
    control.snapshots.pop(given["snapshot"], None)


@operation(
    "POST /forks", "Start another broker with the same data, or those of a snapshot", snapshot=WHOLE
)
def fork(control: Control, given: Arguments) -> Any:
    if len(control.forks) >= KEPT:
        raise BrokerError(f"{KEPT} forks run already")
    kept = control.snapshots[given["snapshot"]] if "snapshot" in given else None
    number = next(control.numbers)
    made = control.forks[number] = control.powers.fork(kept)
    return {"fork": number, "bootstrap_servers": made.bootstrap_servers}


@operation("DELETE /forks/{fork}", "Stop a fork", fork=WHOLE)
def end_fork(control: Control, given: Arguments) -> Any:
    control.forks.pop(given["fork"]).stop()


@operation(
    "POST /leaders",
    "Have a partition led anew, by another broker if there are several",
    "topic",
    topic=TEXT,
    partition=WHOLE,
    to=WHOLE,
)
def move_leader(control: Control, given: Arguments) -> Any:
    control.powers.move_leader(given["topic"], given.get("partition", 0), to=given.get("to"))


@operation("GET /brokers", "Brokers: where each listens, and whether it lives")
def brokers(control: Control, given: Arguments) -> Any:
    living, addresses = control.powers.brokers, control.powers.addresses
    return [
        {"broker": broker, "address": addresses[broker], "lives": lives}
        for broker, lives in living.items()
    ]


@operation("POST /brokers/{broker}/kill", "Have one of several brokers die at once", broker=WHOLE)
def kill(control: Control, given: Arguments) -> Any:
    control.powers.kill(given["broker"])


@operation("POST /brokers/{broker}/restart", "Have it start again at its address", broker=WHOLE)
def restart(control: Control, given: Arguments) -> Any:
    control.powers.restart(given["broker"])


@operation("POST /compact", "Compact a topic now", "topic", topic=TEXT, partition=WHOLE)
def compact(control: Control, given: Arguments) -> Any:
    control.powers.compact(given["topic"], given.get("partition"))


@operation("POST /retention", "Delete now what is too old or too much")
def apply_retention(control: Control, given: Arguments) -> Any:
    control.powers.apply_retention()

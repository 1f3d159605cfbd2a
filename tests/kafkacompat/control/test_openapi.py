"""The description says what there is."""

from typing import Any

from kafkacompat.control.openapi import description
from kafkacompat.control.operations import OPERATIONS


def test_every_operation_is_described(http: Any) -> None:
    told = http.get("/openapi.json")
    assert told == description()
    described = {
        (method.upper(), path) for path, methods in told["paths"].items() for method in methods
    }
    assert described == {(row.method, row.path) for row in OPERATIONS}
    names = [m["operationId"] for methods in told["paths"].values() for m in methods.values()]
    assert len(names) == len(set(names))


def test_fields_are_where_they_come_from() -> None:
    paths = description()["paths"]
    (number,) = paths["/faults/{number}"]["delete"]["parameters"]
    assert (number["in"], number["schema"]) == ("path", {"type": "integer"})
    topic = paths["/records"]["get"]["parameters"][0]
    assert (topic["name"], topic["in"], topic["required"]) == ("topic", "query", True)
    body = paths["/topics"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["name"]
    assert body["properties"]["partitions"] == {"type": "integer"}

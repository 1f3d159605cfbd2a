"""The OpenAPI description of the control interface, made from the rows of its operations."""

import re
from typing import Any

from kafkacompat import __version__
from kafkacompat.control.operations import OPERATIONS, TEXT, Operation

_IN_PATH = re.compile(r"{(\w+)}")


def description() -> dict[str, Any]:
    """Return the description as an object."""
    paths: dict[str, dict[str, Any]] = {}
    for row in OPERATIONS:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Control interface of kafkacompat",
            "version": __version__,
            "description": "Powers over a broker that tests need. Off unless asked for.",
        },
        "paths": paths,
    }


def in_path(row: Operation) -> list[str]:
    """Return the fields that come in the path."""
    return _IN_PATH.findall(row.path)


def _operation(row: Operation) -> dict[str, Any]:
    named = in_path(row)
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": row.fields.get(name, TEXT)},
        }
        for name in named
    ]
    others = {name: {"type": kind} for name, kind in row.fields.items() if name not in named}
    made: dict[str, Any] = {
        "operationId": row.perform.__name__,
        "summary": row.summary,
        "responses": {
            "200": {"description": "Done", "content": {"application/json": {}}},
            "400": {"description": "The request makes no sense"},
            "404": {"description": "There is no such thing"},
            "408": {"description": "It did not happen in time"},
            "409": {"description": "The broker refuses"},
        },
    }
    if row.method == "GET":
        parameters += [
            {"name": name, "in": "query", "required": name in row.required, "schema": schema}
            for name, schema in others.items()
        ]
    elif others:
        schema: dict[str, Any] = {
            "type": "object",
            "properties": others,
            "additionalProperties": False,
        }
        if row.required:
            schema["required"] = list(row.required)
        made["requestBody"] = {
            "required": bool(row.required),
            "content": {"application/json": {"schema": schema}},
        }
    if parameters:
        made["parameters"] = parameters
    return made

"""Records, requests and faults as JSON, and back."""

import base64
from dataclasses import fields
from enum import Enum
from typing import Any

from kafkacompat.embedded.data import StoredRecord
from kafkacompat.embedded.faults import Fault
from kafkacompat.embedded.request_log import LoggedRequest
from kafkacompat_protocol.schema import Struct


def bytes_of(body: dict[str, Any], name: str) -> bytes | None:
    """Return a field that is text, or base64 under `<name>_base64`; None where it is neither.

    Errors: ValueError.
    """
    encoded = body.get(f"{name}_base64")
    if encoded is not None:
        return base64.b64decode(encoded, validate=True)
    text = body.get(name)
    if text is None:
        return None
    if not isinstance(text, str):
        raise ValueError(f"{name} is to be text; use {name}_base64 for bytes")
    return text.encode()


def put_bytes(into: dict[str, Any], name: str, content: bytes | None) -> None:
    """Put bytes into an object: as text where they are, else as base64."""
    try:
        into[name] = None if content is None else content.decode()
    except UnicodeDecodeError:
        into[f"{name}_base64"] = base64.b64encode(content or b"").decode()


def record_form(record: StoredRecord) -> dict[str, Any]:
    """Return a record as an object."""
    form: dict[str, Any] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
    }
    put_bytes(form, "key", record.key)
    put_bytes(form, "value", record.value)
    form["headers"] = []
    for name, value in record.headers:
        header: dict[str, Any] = {"name": name}
        put_bytes(header, "value", value)
        form["headers"].append(header)
    return form


def request_form(request: LoggedRequest) -> dict[str, Any]:
    """Return a logged request as an object, with its messages."""
    return {
        "number": request.number,
        "api": request.api,
        "version": request.version,
        "client_id": request.client_id,
        "connection": request.connection,
        "broker": request.broker,
        "wall_ms": request.wall_ms,
        "topics": sorted(request.subjects.topics),
        "groups": sorted(request.subjects.groups),
        "errors": [code.name for code in request.errors],
        "fault": request.fault,
        "request": message_form(request.request),
        "response": message_form(request.response),
    }


def message_form(value: Any) -> Any:
    """Return a message as plain JSON; bytes are base64."""
    if isinstance(value, Struct):
        names = [each.name for each in type(value).__schema__.fields]
        return {name: message_form(getattr(value, name)) for name in names}
    if isinstance(value, list):
        return [message_form(item) for item in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode()
    return value


def fault_form(fault: Fault) -> dict[str, Any]:
    """Return a fault as an object; what it does not say is left out."""
    form: dict[str, Any] = {"number": fault.number, "kind": fault.kind.value}
    for field in fields(fault.match):
        value = getattr(fault.match, field.name)
        if value != field.default:
            form[field.name] = value
    form |= {"code": fault.code.name, "delay_ms": fault.delay_ms, "times": fault.times}
    form["fired"] = fault.fired
    return {name: value.value if isinstance(value, Enum) else value for name, value in form.items()}

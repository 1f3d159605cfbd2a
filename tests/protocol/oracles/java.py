"""Apache Kafka itself: its JSON converters and encoders, through one Java process per version."""

import base64
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from kafkacompat_protocol.generate_index import all_messages
from kafkacompat_protocol.schema import Array, Field, Primitive, Schema, schema_of
from tests.protocol.oracles.values import instances, versions_of
from tests.support.toolchains import require_java, require_kafka_home

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "oracle_java" / "Oracle.java"
VERSIONS = ["3.9.1", "4.3.1"]
Case = tuple[str, int, int]


@cache
def encodings(kafka: str) -> dict[Case, str]:
    """Return what a Kafka made of every instance: (name, version, number) -> hex.

    Where it has no such message or version: "-". Where it refused the value: "! " and why.
    Ends the test when Java or the jars are not to be had.
    """
    java, home = require_java(), require_kafka_home(kafka)
    cases: list[Case] = []
    lines: list[str] = []
    for cls in all_messages():
        for version in versions_of(cls):
            for number, (_, value) in enumerate(instances(cls, version)):
                cases.append((cls.__name__, version, number))
                content = json.dumps(as_json(value, schema_of(cls), version))
                lines.append(f"{cls.__name__}\t{version}\t{content}\n")
    command = [java, "-XX:TieredStopAtLevel=1", "-cp", f"{home}/libs/*", str(SOURCE)]
    done = subprocess.run(
        command, input="".join(lines), capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(cases, done.stdout.splitlines(), strict=True))


def as_json(value: Any, schema: Schema, version: int) -> dict[str, Any]:
    """Return a message in the JSON that Kafka's converters read."""
    return {
        json_name(item.name): _field(getattr(value, item.name), item, version)
        for item in schema.fields
        if version in item.versions
    }


def json_name(name: str) -> str:
    """Return Kafka's name of a field."""
    first, *rest = name.split("_")
    camel = first + "".join(part.capitalize() for part in rest)
    return camel.replace("kraft", "kRaft")


def _field(content: Any, item: Field, version: int) -> Any:
    kind = item.type
    if content is None:
        return None
    if isinstance(kind, Schema):
        return as_json(content, kind, version)
    if isinstance(kind, Array):
        return [_element(element, kind.element, version) for element in content]
    return _primitive(content, kind)


def _element(value: Any, kind: Primitive | Schema, version: int) -> Any:
    if isinstance(kind, Schema):
        return as_json(value, kind, version)
    return _primitive(value, kind)


def _primitive(value: Any, kind: Primitive) -> Any:
    if kind.name == "uuid":
        return base64.urlsafe_b64encode(value).decode().rstrip("=")
    if kind.name in ("bytes", "records"):
        return base64.b64encode(value).decode()
    return value

"""Write a broker's content as a seed. Passwords cannot be read back, so users are left out."""

from typing import Any, Final

from kafkacompat.control.json_form import put_bytes
from kafkacompat.embedded.client import Client, check
from kafkacompat.embedded.data import StoredRecord
from kafkacompat.embedded.groups import GroupPowers
from kafkacompat_protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
)

TOPIC_RESOURCE: Final = 2
_OF_THE_TOPIC: Final = 1


class Dumper(GroupPowers):
    """Reads the broker at an address."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._client = Client(address)

    def dump(self, *, with_records: bool = True) -> dict[str, Any]:
        """Return a document that `parse_seed` takes. Errors: KafkaError, OSError."""
        document: dict[str, Any] = {"topics": []}
        for name, partitions in sorted(self.topics().items()):
            topic: dict[str, Any] = {"name": name, "partitions": partitions}
            config = self._config(name)
            if config:
                topic["config"] = config
            if with_records:
                topic["records"] = [_form(record) for record in self.records(name)]
            document["topics"].append(topic)
        groups = [
            {"id": group, "offsets": _by_topic(self.committed(group))}
            for group in sorted(self.groups())
        ]
        if groups:
            document["groups"] = groups
        return document

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _config(self, topic: str) -> dict[str, str]:
        """Return what a topic itself sets."""
        wanted = DescribeConfigsResource(
            resource_type=TOPIC_RESOURCE, resource_name=topic, configuration_keys=None
        )
        told = self._client.call(DescribeConfigsRequest(resources=[wanted]), 4).results[0]
        check(told.error_code, told.error_message)
        own = [each for each in told.configs if each.config_source == _OF_THE_TOPIC]
        return {each.name: each.value for each in own if each.value is not None}


def _by_topic(committed: dict[tuple[str, int], int]) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for (topic, partition), offset in sorted(committed.items()):
        found.setdefault(topic, {})[partition] = offset
    return found


def _form(record: StoredRecord) -> dict[str, Any]:
    form: dict[str, Any] = {"partition": record.partition, "timestamp": record.timestamp}
    for name, content in (("key", record.key), ("value", record.value)):
        _put(form, name, content)
    if record.headers:
        form["headers"] = []
        for name, value in record.headers:
            header: dict[str, Any] = {"name": name}
            _put(header, "value", value)
            form["headers"].append(header)
    return form


def _put(into: dict[str, Any], name: str, content: bytes | None) -> None:
    if content is not None:
        put_bytes(into, name, content)

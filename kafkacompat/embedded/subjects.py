"""What a request is about: topics and partitions, groups, a transactional id.

Found by the names that Kafka's messages give their fields, so that no message is listed here.
"""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Final

from kafkacompat.metadata.image import MetadataImage
from kafkacompat_protocol.schema import ZERO_UUID, Struct

_TOPIC_FIELDS: Final = ("topic", "name", "topic_name")
_PARTITION_FIELDS: Final = ("partition_index", "partition", "index", "partition_id")
_GROUP_FIELDS: Final = ("group_id", "group")
_GROUP_LISTS: Final = ("groups", "groups_names", "group_ids", "coordinator_keys")
_KEY_FIELD: Final = "key"

Wants = Callable[[str | None, int | None], bool]
"""Whether a partition of a topic is meant; None is all of them."""


@dataclass(slots=True)
class Subjects:
    """What a request names. A partition of None is the whole topic."""

    partitions: set[tuple[str | None, int | None]] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    transactional_ids: set[str] = field(default_factory=set)

    @property
    def topics(self) -> set[str]:
        """The topics that are named."""
        return {topic for topic, _ in self.partitions if topic is not None}


def subjects_of(request: Any, image: MetadataImage) -> Subjects:
    """Return what a request is about; topic ids are looked up."""
    found = Subjects()
    _collect(request, image, found)
    return found


def split(request: Any, image: MetadataImage, wants: Wants) -> tuple[Any, Any]:
    """Return a request about the partitions that are wanted, and one about the rest.

    Either is None where nothing would be in it. What has no list of topics is not split.
    """
    at = _topics_field(request)
    if at is None:
        return request, None
    meant: list[Any] = []
    rest: list[Any] = []
    for topic in getattr(request, at):
        name = _topic_of(topic, image)
        inner = _partitions_field(topic)
        if inner is None:
            (meant if wants(name, None) else rest).append(topic)
            continue
        parts = getattr(topic, inner)
        wanted = [part for part in parts if wants(name, _partition_of(part))]
        others = [part for part in parts if not wants(name, _partition_of(part))]
        for kept, into in ((wanted, meant), (others, rest)):
            if kept:
                into.append(_with(topic, inner, kept))
    return (
        _with(request, at, meant) if meant else None,
        _with(request, at, rest) if rest else None,
    )


def merge(one: Any, other: Any) -> Any:
    """Return the answers to the two parts of a request that was split, as one."""
    merged = copy(one)
    for name in _fields(one):
        mine, theirs = getattr(one, name), getattr(other, name)
        if isinstance(mine, list) and isinstance(theirs, list):
            setattr(merged, name, mine + theirs)
    return merged


def partition_slots(response: Any, image: MetadataImage, wants: Wants) -> Iterator[Any]:
    """Yield the slots of an answer that carry the error codes of partitions that are wanted."""
    at = _topics_field(response)
    for topic in getattr(response, at) if at is not None else ():
        name = _topic_of(topic, image)
        inner = _partitions_field(topic)
        for part in getattr(topic, inner) if inner is not None else (topic,):
            if hasattr(part, "error_code") and wants(
                name, None if part is topic else _partition_of(part)
            ):
                yield part


def _collect(value: Any, image: MetadataImage, found: Subjects) -> None:
    names = _fields(value)
    for name in names:
        inner = getattr(value, name)
        if inner == "":
            continue
        if name in _GROUP_FIELDS and isinstance(inner, str):
            found.groups.add(inner)
        elif name == "transactional_id" and isinstance(inner, str):
            found.transactional_ids.add(inner)
        elif name == _KEY_FIELD and isinstance(inner, str):
            found.groups.add(inner)
        elif isinstance(inner, list):
            for item in inner:
                if isinstance(item, Struct):
                    _collect(item, image, found)
                elif name in _GROUP_LISTS and isinstance(item, str):
                    found.groups.add(item)
        elif isinstance(inner, Struct):
            _collect(inner, image, found)
    topic = _topic_of(value, image)
    if topic is None:
        return
    at = _partitions_field(value)
    for part in getattr(value, at) if at is not None else (None,):
        found.partitions.add((topic, None if part is None else _partition_of(part)))


def _topics_field(value: Any) -> str | None:
    for name in _fields(value):
        inner = getattr(value, name)
        if isinstance(inner, list) and inner and _names_a_topic(inner[0]):
            return str(name)
    return None


def _names_a_topic(item: Any) -> bool:
    fields = _fields(item)
    return any(name in fields for name in (*_TOPIC_FIELDS, "topic_id"))


def _topic_of(item: Any, image: MetadataImage) -> str | None:
    fields = _fields(item)
    topic_id = getattr(item, "topic_id", ZERO_UUID) if "topic_id" in fields else ZERO_UUID
    if topic_id != ZERO_UUID:
        state = image.topics_by_id.get(topic_id)
        if state is not None:
            return state.name
    for name in _TOPIC_FIELDS:
        if name in fields and isinstance(getattr(item, name), str) and getattr(item, name):
            return str(getattr(item, name))
    return None


def _partitions_field(topic: Any) -> str | None:
    for name in _fields(topic):
        inner = getattr(topic, name)
        if not isinstance(inner, list) or not inner:
            continue
        if isinstance(inner[0], int) or any(f in _fields(inner[0]) for f in _PARTITION_FIELDS):
            return str(name)
    return None


def _partition_of(part: Any) -> int | None:
    if isinstance(part, int):
        return part
    for name in _PARTITION_FIELDS:
        if name in _fields(part):
            return int(getattr(part, name))
    return None


def _fields(value: Any) -> list[str]:
    schema = getattr(type(value), "__schema__", None)
    return [] if schema is None else [each.name for each in schema.fields]


def _with(value: Any, name: str, inner: list[Any]) -> Any:
    made = copy(value)
    setattr(made, name, inner)
    return made

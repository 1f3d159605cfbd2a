"""Every version of every message, byte for byte, against encoders that others wrote.

An oracle either encodes our value and must give our bytes (Kafka), or decodes our bytes, must
find our values, and must give our bytes again (kio, kafka-python); ours decodes them back.
"""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from kafkacompat_protocol.codec import decode, encode
from kafkacompat_protocol.generate_index import all_messages
from kafkacompat_protocol.schema import schema_of
from tests.protocol.oracles import java, kafka_python, kio_oracle
from tests.protocol.oracles.values import instances, leaves, versions_of

MESSAGES = all_messages()
every_message = pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)

# (oracle, message, versions): why this oracle is not asked. Kafka's published schema decides.
READS_V0 = "reads v0, whatever the version, when the response has an error"
NEW_TAG = "a tagged field came in 4.x, without a new version"
ITS_VERSION = "reads the version along with it"
NOT_FLEXIBLE = "writes v2 in the form of v1"
KNOWN_BUGS: dict[tuple[str, str, range], str] = {
    ("kafka-python", "ConsumerProtocolAssignment", range(4)): ITS_VERSION,
    ("kafka-python", "ConsumerProtocolSubscription", range(4)): ITS_VERSION,
    ("kafka-python", "ApiVersionsResponse", range(1, 5)): READS_V0,
    ("kafka-python/old", "ApiVersionsResponse", range(1, 5)): READS_V0,
    ("kafka-python/old", "DescribeLogDirsRequest", range(6)): "reads one partition, not several",
    ("kafka-python/old", "DescribeAclsRequest", range(2, 3)): NOT_FLEXIBLE,
    ("kafka-python/old", "DescribeAclsResponse", range(2, 3)): NOT_FLEXIBLE,
    ("kafka 3.9.1", "OffsetCommitValue", range(4, 5)): "topic_id was added without a new version",
    ("kafka 3.9.1", "TransactionLogValue", range(1, 2)): NEW_TAG,
    ("kafka 3.9.1", "ShareGroupMetadataValue", range(1)): "metadata_hash came in 4.1, in v0",
    ("kafka 3.9.1", "ConsumerGroupMetadataValue", range(1)): NEW_TAG,
    ("kafka 3.9.1", "ConsumerGroupCurrentMemberAssignmentValue", range(1)): NEW_TAG,
    ("kafka 3.9.1", "ConsumerGroupTargetAssignmentMetadataValue", range(1)): NEW_TAG,
}


def known_bug(oracle: str, cls: type, version: int) -> str | None:
    for (name, message, versions), why in KNOWN_BUGS.items():
        if name == oracle and message == cls.__name__ and version in versions:
            return why
    return None


def compare(
    oracle: str,
    cls: type,
    find: Callable[[type, int], Any],
    check: Callable[[Any, bytes, list[Any], int], None],
    skipped_modes: Iterable[str] = (),
) -> None:
    """Check all versions of a message that an oracle has."""
    checked = 0
    for version in versions_of(cls):
        theirs = find(cls, version)
        if theirs is None or known_bug(oracle, cls, version):
            continue
        for mode, value in instances(cls, version):
            if mode in skipped_modes:
                continue
            data = encode(value, version)
            expected = list(leaves(value, schema_of(cls), version))
            try:
                check(theirs, data, expected, version)
            except Exception as error:
                error.add_note(f"{oracle}, {cls.__name__} v{version}, {mode}: {value!r}")
                raise
            assert decode(cls, version, data) == value
            checked += 1
    assert checked


def messages_of(oracle: str, find: Callable[[type, int], Any]) -> pytest.MarkDecorator:
    """Parametrise a test over the messages that an oracle has."""
    known = [
        cls
        for cls in MESSAGES
        if any(find(cls, v) and not known_bug(oracle, cls, v) for v in versions_of(cls))
    ]
    return pytest.mark.parametrize("cls", known, ids=lambda cls: cls.__name__)


@messages_of(kio_oracle.NAME, kio_oracle.entity_class)
def test_kio_agrees(cls: type) -> None:
    def check(theirs: Any, data: bytes, expected: list[Any], version: int) -> None:
        read = kio_oracle.decode(theirs, data)
        assert list(kio_oracle.leaves(read)) == expected
        assert kio_oracle.encode(read) == data

    compare(
        kio_oracle.NAME, cls, kio_oracle.entity_class, check, skipped_modes=kio_oracle.SKIPPED_MODES
    )


@messages_of(kafka_python.NAME, kafka_python.message_class)
def test_kafka_python_agrees(cls: type) -> None:
    def check(theirs: Any, data: bytes, expected: list[Any], version: int) -> None:
        read = kafka_python.decode(theirs, data, version)
        assert list(kafka_python.leaves(read, version)) == expected
        assert kafka_python.encode(read, version) == data

    compare(kafka_python.NAME, cls, kafka_python.message_class, check)


@messages_of(kafka_python.OLD_NAME, kafka_python.old_class)
def test_kafka_pythons_older_classes_agree(cls: type) -> None:
    def check(theirs: Any, data: bytes, expected: list[Any], version: int) -> None:
        read = theirs.decode(data)
        assert list(kafka_python.old_leaves(read)) == expected
        assert read.encode() == data

    # It reads the lowest int32 as None where it is a set of bits.
    compare(kafka_python.OLD_NAME, cls, kafka_python.old_class, check, skipped_modes={"extreme"})


@pytest.mark.java
@pytest.mark.parametrize("kafka", java.VERSIONS)
@every_message
def test_apache_kafka_agrees(cls: type, kafka: str) -> None:
    encodings = java.encodings(kafka)
    for version in versions_of(cls):
        if known_bug(f"kafka {kafka}", cls, version):
            continue
        for number, (mode, value) in enumerate(instances(cls, version)):
            theirs = encodings[cls.__name__, version, number]
            if theirs == "-":
                continue
            where = f"{cls.__name__} v{version}, {mode}: {value!r}"
            assert encode(value, version).hex() == theirs, where
            assert decode(cls, version, bytes.fromhex(theirs)) == value, where


def oracles_of(cls: type, version: int) -> list[str]:
    found = [
        f"kafka {kafka}"
        for kafka in java.VERSIONS
        if java.encodings(kafka)[cls.__name__, version, 0] != "-"
    ]
    found += [kio_oracle.NAME] if kio_oracle.entity_class(cls, version) else []
    found += [kafka_python.NAME] if kafka_python.message_class(cls, version) else []
    found += [kafka_python.OLD_NAME] if kafka_python.old_class(cls, version) else []
    return [oracle for oracle in found if not known_bug(oracle, cls, version)]


@pytest.mark.java
def test_every_version_has_an_oracle() -> None:
    without = []
    for cls in MESSAGES:
        key = schema_of(cls).key
        for version in versions_of(cls):
            oracles = oracles_of(cls, version)
            for direction in ("encode", "decode"):  # every check above is of both
                number = "-" if key is None else key
                print(f"{number:>3} {cls.__name__:36} v{version:<3} {direction}", *oracles)
            if not oracles:
                without.append(f"{cls.__name__} v{version}")
    assert not without

"""Which version of each metadata record a cluster's finalised features call for.

A directory keeps the metadata.version that it came with, so that the Apache Kafka it came from
can open it again: what we append follows that level.

Spec: KIP-778 (metadata.version); the levels are those of Apache Kafka's MetadataVersion.
"""

from collections.abc import Mapping
from typing import Any

from kafkacompat_protocol.metadata_records.brokers import (
    BrokerRegistrationChangeRecord,
    RegisterBrokerRecord,
)
from kafkacompat_protocol.metadata_records.topics import PartitionChangeRecord, PartitionRecord

LEVEL_3_3 = 7
LEVEL_3_4 = 8
LEVEL_3_5_SCRAM = 11
LEVEL_3_7_DIRECTORIES = 17
LEVEL_3_9 = 21
LEVEL_4_3 = 30
OLDEST_LEVEL = LEVEL_3_3
NEWEST_LEVEL = LEVEL_4_3
ELR_FEATURE = "eligible.leader.replicas.version"


def record_version(record: Any, features: Mapping[str, int]) -> int:
    """Return the version in which to write a record under these finalised features."""
    level = features.get("metadata.version", NEWEST_LEVEL)
    if isinstance(record, PartitionRecord | PartitionChangeRecord):
        if features.get(ELR_FEATURE, 0) >= 1:
            return 2
        return 1 if level >= LEVEL_3_7_DIRECTORIES else 0
    if isinstance(record, RegisterBrokerRecord):
        if level >= LEVEL_4_3:
            return 4
        if level >= LEVEL_3_7_DIRECTORIES:
            return 3
        return 2 if level >= LEVEL_3_4 else 1
    if isinstance(record, BrokerRegistrationChangeRecord):
        return 2 if level >= LEVEL_3_7_DIRECTORIES else 1
    return 0

"""Records of configurations, quotas, features and blocks of producer ids."""

from kafkacompat_protocol.schema import (
    Bool,
    Float64,
    Int8,
    Int16,
    Int32,
    Int64,
    String,
    at,
    message,
    struct,
)


# One configuration value of a resource; a null value deletes it.
# Resource types: 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.
@message(key=4, versions="0", flexible="0+")
class ConfigRecord:
    resource_type: Int8
    resource_name: String
    name: String
    value: String | None


@struct
class EntityData:
    entity_type: String
    entity_name: String | None


# One quota of an entity (KIP-546).
@message(key=14, versions="0", flexible="0+")
class ClientQuotaRecord:
    entity: list[EntityData]
    key: String
    value: Float64
    remove: Bool


# The finalised level of a feature, metadata.version among them; 0 takes it away (KIP-584).
@message(key=12, versions="0", flexible="0+")
class FeatureLevelRecord:
    name: String
    feature_level: Int16


# Producer ids below next_producer_id are handed out in blocks to brokers (KIP-730).
@message(key=15, versions="0", flexible="0+")
class ProducerIdsRecord:
    broker_id: Int32
    broker_epoch: Int64 = at(default=-1)
    next_producer_id: Int64


# Nothing: an active controller writes it to advance the log (KIP-835).
@message(key=20, versions="0", flexible="0+")
class NoOpRecord:
    pass


# How far the move from ZooKeeper is: 0 none, 1 migrating, 2 before that, 3 after it (KIP-866).
@message(key=21, versions="0", flexible="0+")
class ZkMigrationStateRecord:
    zk_migration_state: Int8

"""Records of brokers and controllers: registered, fenced, changed, gone."""

from kafkacompat_protocol.schema import (
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    String,
    UInt16,
    Uuid,
    at,
    message,
    struct,
)


@struct
class BrokerEndpoint:
    name: String
    host: String
    port: UInt16
    security_protocol: Int16


@struct
class BrokerFeature:
    name: String
    min_supported_version: Int16
    max_supported_version: Int16


# A broker registered: it starts a new epoch, the offset of this very record.
# v1 adds in_controlled_shutdown (KIP-841); v2 adds is_migrating_zk_broker (KIP-866);
# v3 adds log_dirs (KIP-858); v4 adds cordoned_log_dirs (KIP-1066).
@message(key=0, versions="0-4", flexible="0+")
class RegisterBrokerRecord:
    broker_id: Int32
    is_migrating_zk_broker: Bool = at("2+", default=False)
    incarnation_id: Uuid
    broker_epoch: Int64
    end_points: list[BrokerEndpoint]
    features: list[BrokerFeature]
    rack: String | None
    fenced: Bool = at(default=True)
    in_controlled_shutdown: Bool = at("1+", default=False)
    log_dirs: list[Uuid] = at("3+", tag=0, default_factory=list)
    cordoned_log_dirs: list[Uuid] | None = at("4+", tag=1, default=None)


# A broker is gone for good.
@message(key=1, versions="0", flexible="0+")
class UnregisterBrokerRecord:
    broker_id: Int32
    broker_epoch: Int64


# A broker may not lead until it is heard of again. Older than BrokerRegistrationChange, below.
@message(key=7, versions="0", flexible="0+")
class FenceBrokerRecord:
    id: Int32
    epoch: Int64


# A broker may lead again.
@message(key=8, versions="0", flexible="0+")
class UnfenceBrokerRecord:
    id: Int32
    epoch: Int64


# What changed of a registration: fenced is -1 for unfenced, 0 for as before, 1 for fenced.
# v1 adds in_controlled_shutdown (KIP-841); v2 adds log_dirs (KIP-858);
# v3 adds cordoned_log_dirs (KIP-1066).
@message(key=17, versions="0-3", flexible="0+")
class BrokerRegistrationChangeRecord:
    broker_id: Int32
    broker_epoch: Int64
    fenced: Int8 = at(tag=0, default=0)
    in_controlled_shutdown: Int8 = at("1+", tag=1, default=0)
    log_dirs: list[Uuid] = at("2+", tag=2, default_factory=list)
    cordoned_log_dirs: list[Uuid] | None = at("3+", tag=3, default=None)


@struct
class ControllerEndpoint:
    name: String
    host: String
    port: UInt16
    security_protocol: Int16


@struct
class ControllerFeature:
    name: String
    min_supported_version: Int16
    max_supported_version: Int16


# A controller registered, with its endpoints and features (KIP-919).
@message(key=27, versions="0", flexible="0+")
class RegisterControllerRecord:
    controller_id: Int32
    incarnation_id: Uuid
    zk_migration_ready: Bool
    end_points: list[ControllerEndpoint]
    features: list[ControllerFeature]

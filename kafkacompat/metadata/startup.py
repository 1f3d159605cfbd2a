"""What a start does to the metadata: open the log, raise its epoch, register, take leadership."""

import logging
from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kafkacompat.config import keys
from kafkacompat.config.profiles import Profile
from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata import commands, election_commands
from kafkacompat.metadata.commands import Place
from kafkacompat.metadata.controller import Controller
from kafkacompat.metadata.election_commands import all_partitions
from kafkacompat.metadata.features import METADATA_FEATURE, initial_features, supported_features
from kafkacompat.metadata.image import MetadataImage
from kafkacompat.metadata.log import Loaded, MetadataLog, snapshot_records
from kafkacompat.metadata.record_versions import ELR_FEATURE
from kafkacompat_protocol.metadata_records.brokers import (
    BrokerEndpoint,
    BrokerFeature,
    BrokerRegistrationChangeRecord,
    RegisterBrokerRecord,
)
from kafkacompat_protocol.metadata_records.settings import FeatureLevelRecord
from kafkacompat_storage import names
from kafkacompat_storage.directory_ids import random_uuid
from kafkacompat_storage.journal import Journal
from kafkacompat_storage.log import AppendRules
from kafkacompat_storage.memory_store import MemoryStore
from kafkacompat_storage.names import TopicPartition
from kafkacompat_storage.store import LogStore

if TYPE_CHECKING:
    from kafkacompat.server.listener import Endpoint

log = logging.getLogger("kafkacompat.metadata")

METADATA_TOPIC_ID = bytes(15) + b"\x01"
MAX_COMMAND_BYTES = 8 << 20


def open_log(store: LogStore, journal: Journal, now_ms: int) -> MetadataLog:
    """Open the metadata log and build its image."""
    rules = AppendRules(
        max_message_bytes=MAX_COMMAND_BYTES,
        segment_bytes=1 << 30,
        segment_ms=keys.FOREVER_MS,
    )
    partition = store.open(names.METADATA_TOPIC, 0, METADATA_TOPIC_ID, rules)
    for note in partition.notes:
        log.warning("%s", note)
    opened = MetadataLog(partition, journal, store.files, store.folder_of(names.METADATA_TOPIC, 0))
    known = store.take_known() if isinstance(store, MemoryStore) else None
    if not (isinstance(known, Loaded) and opened.take(known)):
        opened.load()
    return opened


def place(node_id: int, store: LogStore, racks: Mapping[int, str | None] | None) -> Place:
    """Return where new partitions go."""
    directories, preferred = tuple(store.directories), store.moves.preferred
    return Place(node_id, store.directory_id, directories, preferred, racks)


def first_records(store: LogStore, profile: Profile | None = None) -> list[Any]:
    """Return what a log without records begins with: what the directory was formatted with, by
    Kafka's own tool maybe, or else what a new cluster has."""
    for log_dir in store.log_dirs:
        content = store.files.read_file(f"{log_dir}/{names.BOOTSTRAP_CHECKPOINT}")
        if content is not None:
            return list(snapshot_records(content))
    levels = initial_features()
    if profile is not None:  # Of the metadata's own format there is always a level.
        levels = {METADATA_FEATURE: levels[METADATA_FEATURE]} | profile.features
    return [FeatureLevelRecord(name=name, feature_level=level) for name, level in levels.items()]


async def begin(controller: Controller, config: BrokerConfig, first_records: list[Any]) -> None:
    """Begin a leader epoch of the metadata, and finalise a new cluster's features."""
    metadata = controller.log
    metadata.begin_epoch(controller.place.node_id, controller.clock.wall_ms())
    if not metadata.image.features:
        await controller.commit(first_records)
        if metadata.image.features.get(ELR_FEATURE):
            await controller.commit(commands.settings_for_elr(metadata.image, config))


async def register(
    controller: Controller, endpoints: Sequence["Endpoint"], config: BrokerConfig
) -> int:
    """Register a broker, and return its epoch."""
    node_id = config.get(keys.NODE_ID)
    epoch = controller.log.end_offset
    if node_id == controller.place.node_id:
        controller.broker_epoch = epoch
    await controller.commit([_registration(controller, epoch, endpoints, config)])
    await controller.commit(
        [BrokerRegistrationChangeRecord(broker_id=node_id, broker_epoch=epoch, fenced=-1)]
    )
    return epoch


async def take_leadership(controller: Controller) -> None:
    """Have the only broker lead those of its partitions that nobody leads."""
    taken: list[Any] = []
    for topic, state in all_partitions(controller.image):
        taken += election_commands.take_leadership(topic, state, controller.place)
    if taken:
        await controller.commit(taken)


async def fence(controller: Controller, node_id: int, broker_epoch: int) -> None:
    """Note that a broker is down, so that another start, ours or Kafka's, registers at once."""
    await controller.commit(
        [BrokerRegistrationChangeRecord(broker_id=node_id, broker_epoch=broker_epoch, fenced=1)]
    )


def _registration(
    controller: Controller, epoch: int, endpoints: Sequence["Endpoint"], config: BrokerConfig
) -> RegisterBrokerRecord:
    return RegisterBrokerRecord(
        broker_id=config.get(keys.NODE_ID),
        incarnation_id=random_uuid(),
        broker_epoch=epoch,
        end_points=[
            BrokerEndpoint(name=e.name, host=e.host, port=e.port, security_protocol=0)
            for e in endpoints
        ],
        features=[
            BrokerFeature(name=name, min_supported_version=lowest, max_supported_version=highest)
            for name, (lowest, highest) in supported_features().items()
        ],
        rack=config.get(keys.BROKER_RACK),
        fenced=True,
        log_dirs=list(controller.place.directories),
    )


async def settle_directories(
    controller: Controller, store: LogStore
) -> list[tuple[TopicPartition, str]]:
    """Finish moves between log directories that a crash cut short, and note where partitions are.

    Return those that are to be moved anew, and where to.
    """
    node_id = controller.place.node_id

    def is_there(place: TopicPartition, directory_id: bytes) -> bool:
        state = controller.image.partition(*place)
        return state is not None and state.directory_of(node_id) == directory_id

    wanted = store.moves.settle(is_there)
    if len(store.directories) > 1:
        ids = {path: directory_id for directory_id, path in store.directories.items()}
        found = {place: ids[store.log_dir_of(*place)] for place in store.partitions()}
        await controller.assign_directories(found)
    return wanted


def remove_orphans(image: MetadataImage, store: LogStore, removed: Container[bytes]) -> None:
    """Clear away folders that the metadata does not know.

    Those of topics in `removed`, whose deletion was cut short, are deleted. Others are set aside
    with their data: the metadata may be that of another directory, or have been lost.
    """
    for topic, index in store.partitions():
        if topic == names.METADATA_TOPIC or image.partition(topic, index) is not None:
            continue
        if store.topic_id_of(topic, index) in removed:
            log.info("Deleting %s-%d, whose topic was deleted", topic, index)
            store.delete(topic, index, None)
        else:
            log.warning("Setting %s-%d aside, which the metadata does not know", topic, index)
            store.set_aside(topic, index)

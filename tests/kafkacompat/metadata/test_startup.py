"""What a start does to the metadata."""

from pathlib import Path

from kafkacompat_protocol.metadata_records.framing import encode_record
from kafkacompat_protocol.metadata_records.settings import FeatureLevelRecord
from kafkacompat_protocol.records.record import Record, build_records_batch
from tests.support.node import running_node
from tests.support.produced import batch, produce


def test_a_new_cluster_finalises_its_features() -> None:
    with running_node() as broker:
        assert broker.node.image.features == {
            "metadata.version": 30,
            "eligible.leader.replicas.version": 1,
        }


def test_a_formatted_directory_keeps_the_features_it_was_formatted_with(tmp_path: Path) -> None:
    level = FeatureLevelRecord(name="metadata.version", feature_level=21)
    records = [Record(0, 0, None, encode_record(level, 0))]
    (tmp_path / "bootstrap.checkpoint").write_bytes(bytes(build_records_batch(records)))
    on_disk = {"log.dirs": str(tmp_path), "kafkacompat.durability": "os"}
    with running_node(on_disk) as broker:
        assert broker.node.image.features == {"metadata.version": 21}


def test_this_broker_is_registered_under_the_offset_of_its_record() -> None:
    with running_node() as broker:
        registration = broker.node.image.brokers[1]
        assert registration.broker_epoch == broker.node.controller.broker_epoch
        assert [e.port for e in registration.end_points] == [broker.address[1]]
        assert not registration.fenced


def test_a_clean_stop_fences_the_broker(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk) as broker:
        node = broker.node
    assert node.image.brokers[1].fenced
    mark = (tmp_path / "data" / ".kafka_cleanshutdown").read_text()
    assert f'"brokerEpoch":{node.controller.broker_epoch}' in mark


def test_folders_of_topics_that_are_gone_are_removed(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk) as broker:
        broker.create_topic("t")
        produce(broker, batch(b"x"))
    (tmp_path / "data" / "t-0").rename(tmp_path / "data" / "forgotten-0")
    with running_node(on_disk) as broker:
        assert produce(broker, batch(b"x")).base_offset == 0
    assert not (tmp_path / "data" / "forgotten-0").exists()

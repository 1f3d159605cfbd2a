"""What a start does to the metadata."""

import shutil
from pathlib import Path

import pytest

from kafkacompat_protocol.messages.delete_topics import DeleteTopicsRequest
from kafkacompat_protocol.metadata_records.framing import encode_record
from kafkacompat_protocol.metadata_records.settings import FeatureLevelRecord
from kafkacompat_protocol.records.record import Record, build_records_batch
from tests.support.node import running_node
from tests.support.produced import batch, produce


def test_a_new_cluster_finalises_its_features() -> None:
    with running_node() as broker:
        assert broker.node.image.features == {
            "metadata.version": 30,
            "transaction.version": 2,
            "share.version": 1,
            "group.version": 1,
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


def test_folders_that_the_metadata_does_not_know_are_kept_aside(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk) as broker:
        broker.create_topic("t")
        produce(broker, batch(b"x"))
    content = (tmp_path / "data" / "t-0" / f"{0:020d}.log").read_bytes()
    (tmp_path / "data" / "t-0").rename(tmp_path / "data" / "forgotten-0")
    with running_node(on_disk) as broker:
        assert produce(broker, batch(b"x")).base_offset == 0
    (aside,) = (tmp_path / "data").glob("forgotten-0*")
    assert aside.name.endswith("-stray")
    assert (aside / f"{0:020d}.log").read_bytes() == content


def test_folders_of_a_topic_whose_deletion_was_cut_short_are_deleted(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk) as broker:
        broker.create_topic("t")
        produce(broker, batch(b"x"))
        shutil.copytree(tmp_path / "data" / "t-0", tmp_path / "kept")
        assert broker.call(DeleteTopicsRequest(topic_names=["t"]), 1).responses[0].error_code == 0
    (tmp_path / "kept").rename(tmp_path / "data" / "t-0")
    with running_node(on_disk):
        pass
    assert list((tmp_path / "data").glob("t-0*")) == []


@pytest.mark.parametrize("left", ["nothing", "an empty folder", "an empty log"])
def test_a_topic_whose_folder_was_not_made_in_time_is_served(tmp_path: Path, left: str) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk) as broker:
        broker.create_topic("t")
    (tmp_path / "data" / ".kafka_cleanshutdown").unlink()
    assert not (tmp_path / "data" / "t-0").exists()
    if left != "nothing":
        (tmp_path / "data" / "t-0").mkdir()
    if left == "an empty log":
        (tmp_path / "data" / "t-0" / f"{0:020d}.log").touch()
    with running_node(on_disk) as broker:
        assert produce(broker, batch(b"x")).base_offset == 0

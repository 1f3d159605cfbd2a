"""File and folder names are read back as they were made, and nothing else is."""

import pytest

from kafkacompat_storage import names


@pytest.mark.parametrize("topic", ["a", "a-1", "a.b_c", "__consumer_offsets", "a-1.x-delete"])
def test_partition_folders_are_read_back(topic: str):
    folder = names.partition_folder(topic, 12)
    assert names.parse_partition_folder(folder) == (topic, 12)


@pytest.mark.parametrize(
    "name", ["a", "a-", "-1", "a-01", "a-1x", "a/b-1", "a-1-delete", "ä-1", ""]
)
def test_other_folders_are_nobodys(name: str):
    assert names.parse_partition_folder(name) is None


def test_folders_that_wait_to_be_deleted_are_known_and_fit_a_file_system():
    name = names.deleted_folder("t" * 249, 3, "0" * 32)
    assert len(name) == 255
    assert names.is_deleted_folder(name)
    assert names.parse_partition_folder(name) is None
    assert not names.is_deleted_folder("topic-1")


def test_offset_files_are_read_back_with_their_whole_suffix():
    assert names.offset_file(42, names.LOG) == "00000000000000000042.log"
    assert names.parse_offset_file("00000000000000000042.log.swap") == (42, ".log.swap")
    assert names.parse_offset_file("42.log") is None
    assert names.parse_offset_file(names.PARTITION_METADATA) is None


def test_files_of_one_kind_are_found_among_others():
    found = [names.offset_file(at, kind) for at in (0, 7) for kind in names.SEGMENT_FILES]
    others = ["7.log", "00000000000000000009.log.deleted", "00000000000000000009.x.log"]
    assert names.offsets_of([*found, *others], names.LOG) == [0, 7]


def test_metadata_snapshots_are_read_back():
    name = names.metadata_snapshot(1234, 5)
    assert name == "00000000000000001234-0000000005.checkpoint"
    assert names.parse_metadata_snapshot(name) == (1234, 5)
    assert names.parse_metadata_snapshot(name + ".part") is None


def test_a_folder_set_aside_is_no_partition_and_its_name_fits() -> None:
    name = names.stray_folder("t" * 249, 12, "0" * 32)
    assert len(name) == len(names.deleted_folder("t" * 249, 12, "0" * 32))
    assert names.parse_partition_folder(name) is None
    assert not names.is_deleted_folder(name)


def test_a_copy_on_its_way_is_named_as_kafka_names_it():
    name = names.future_folder("a.b-c", 12, "0" * 32)
    assert name == f"a.b-c-12.{'0' * 32}-future"
    assert names.parse_future_folder(name) == names.TopicPartition("a.b-c", 12)
    assert names.parse_future_folder(f"t-0.{'0' * 32}-delete") is None
    assert names.parse_partition_folder(name) is None
    assert names.future_folder("x" * 214, 0, "0" * 32) is None

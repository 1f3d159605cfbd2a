"""What a log directory says without a partition being opened."""

from kafkacompat_storage import names
from kafkacompat_storage.log_dir import LogDir
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.names import TopicPartition
from tests.support.batches import words


def test_folders_checkpoints_and_the_mark_are_read():
    files = MemoryFiles()
    files.mkdir("/d/t-0")
    files.mkdir("/d/other")
    files.mkdir("/d/t-1.0123456789abcdef0123456789abcdef-delete/x")
    files.write_file("/d/t-7", b"a file", sync=False)
    files.write_file(f"/d/{names.RECOVERY_POINT_CHECKPOINT}", b"0\n1\nt 0 5\n", sync=False)
    files.write_file(f"/d/{names.LOG_START_CHECKPOINT}", b"garbage", sync=False)
    files.write_file(f"/d/{names.CLEAN_SHUTDOWN}", b"", sync=False)
    log_dir = LogDir(files, "/d")
    assert list(log_dir.partitions) == [("t", 0)]
    assert (log_dir.recovery_points, log_dir.log_starts) == ({("t", 0): 5}, {})
    assert log_dir.was_clean
    left = ["other", names.RECOVERY_POINT_CHECKPOINT, names.LOG_START_CHECKPOINT, "t-0", "t-7"]
    assert files.listdir("/d") == sorted(left)
    assert not LogDir(files, "/d").was_clean


def test_only_the_segments_from_the_recovery_point_on_are_to_be_looked_at():
    files = MemoryFiles()
    files.mkdir("/d/t-0")
    for offset, size in ((0, 100), (10, 200), (20, 300)):
        files.write_file(f"/d/t-0/{names.offset_file(offset, '.log')}", bytes(size), sync=False)
    log_dir = LogDir(files, "/d")
    place = TopicPartition("t", 0)
    sizes = {}
    for point in (0, 9, 10, 25):
        log_dir.recovery_points[place] = point
        sizes[point] = log_dir.bytes_to_recover(place)
    assert sizes == {0: 600, 9: 600, 10: 600, 25: 300}


def test_what_was_noted_before_does_not_replace_what_was_noted_later():
    files = MemoryFiles()
    files.mkdir("/d/t-0")
    log_dir = LogDir(files, "/d")
    place = TopicPartition("t", 0)
    log_dir.log_starts[place] = 5
    early = log_dir.checkpoints()
    log_dir.log_starts[place] = 7
    log_dir.write(log_dir.checkpoints(), log_starts_only=True)
    log_dir.write(early)
    assert words(files.read_file(f"/d/{names.LOG_START_CHECKPOINT}")) == b"0\n1\nt 0 7\n".split()
    assert files.read_file(f"/d/{names.HIGH_WATERMARK_CHECKPOINT}") is None


def test_a_new_folder_does_not_inherit_the_checkpoints_of_a_former_one():
    files = MemoryFiles()
    files.mkdir("/d/t-0")
    log_dir = LogDir(files, "/d")
    place = TopicPartition("t", 0)
    log_dir.log_starts[place] = log_dir.recovery_points[place] = 5
    log_dir.write(log_dir.checkpoints())
    log_dir.forget(place)
    log_dir.add(place)
    again = LogDir(files, "/d")
    assert (again.log_starts, again.recovery_points) == ({}, {})


def test_what_was_under_way_when_a_partition_was_made_anew_is_not_written_any_more():
    files = MemoryFiles()
    files.mkdir("/d/t-0")
    log_dir = LogDir(files, "/d")
    place = TopicPartition("t", 0)
    log_dir.log_starts[place] = 5
    under_way = log_dir.checkpoints()
    log_dir.forget(place)
    log_dir.add(place)
    log_dir.write(under_way, log_starts_only=True)
    assert LogDir(files, "/d").log_starts == {}


def test_a_new_folder_does_not_believe_what_a_former_process_left():
    files = MemoryFiles()
    files.mkdir("/d")
    files.write_file(f"/d/{names.LOG_START_CHECKPOINT}", b"0\n1\nt 0 5\n", sync=False)
    log_dir = LogDir(files, "/d")
    log_dir.add(TopicPartition("t", 0))
    assert log_dir.log_starts == {}
    assert LogDir(files, "/d").log_starts == {}


def test_where_a_log_was_compacted_to_is_kept_and_goes_with_it():
    files = MemoryFiles()
    files.mkdir("/d/t-0")
    files.write_file(f"/d/{names.CLEANER_CHECKPOINT}", b"0\n2\nt 0 5\ngone 1 7\n", sync=False)
    log_dir = LogDir(files, "/d")
    place = TopicPartition("t", 0)
    assert log_dir.cleaned == {place: 5, ("gone", 1): 7}
    log_dir.cleaned[place] = 9
    log_dir.write(log_dir.checkpoints())
    assert words(files.read_file(f"/d/{names.CLEANER_CHECKPOINT}")) == b"0 2 t 0 9 gone 1 7".split()
    log_dir.forget(place)
    log_dir.add(place)
    assert words(files.read_file(f"/d/{names.CLEANER_CHECKPOINT}")) == b"0 1 gone 1 7".split()

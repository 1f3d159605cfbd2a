"""What a log directory says without a partition being opened."""

from kafkacompat_storage import names
from kafkacompat_storage.log_dir import LogDir
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.names import TopicPartition


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
    assert sizes == {0: 600, 9: 600, 10: 500, 25: 300}

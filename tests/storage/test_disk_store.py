"""The store on disk: locks, identity, lazy opening, deletion, checkpoints, clean shutdown."""

from collections.abc import Callable
from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_storage import names
from kafkacompat_storage.directory_ids import encode_id
from kafkacompat_storage.disk_store import DiskStore
from kafkacompat_storage.identity import StoreError, meta_properties
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.names import TopicPartition
from tests.support import batches as b
from tests.support.batches import NOW, append, batch, read_all, write
from tests.support.faulty_files import FaultyFiles

DATA = "/d/data"
ID = bytes(range(16))


def opened(files: MemoryFiles, *dirs: str, **more: Any) -> DiskStore:
    files.mkdir("/d")
    return DiskStore(files, dirs or [DATA], node_id=1, now_ms=NOW, **more)


@pytest.fixture
def files() -> MemoryFiles:
    return MemoryFiles()


def test_a_new_directory_gets_kafkas_files_and_an_identity(files: MemoryFiles):
    store = opened(files, cluster_id="4L6g3nShT-eMCtK--X86sw")
    properties = meta_properties(files, DATA)
    assert properties == {
        "version": "1",
        "cluster.id": "4L6g3nShT-eMCtK--X86sw",
        "node.id": "1",
        "directory.id": encode_id(store.directory_id),
    }
    store.close(clean=True)
    again = opened(files)
    assert (again.cluster_id, again.directory_id) == (store.cluster_id, store.directory_id)


def test_directories_of_others_are_refused_and_not_kept_locked(files: MemoryFiles):
    opened(files).close(clean=True)
    for wrong in (
        lambda: DiskStore(files, [DATA], node_id=2, now_ms=NOW),
        lambda: opened(files, cluster_id="another"),
    ):
        with pytest.raises(StoreError):
            wrong()
    opened(files)
    with pytest.raises(BlockingIOError):
        opened(files)


def test_partitions_are_listed_without_being_opened(files: MemoryFiles):
    store = opened(files)
    for number in range(3):
        append(store.open("t", number, ID, b.rules()), batch(b"x"))
    size = store.size_of("t", 0)
    store.close(clean=True)
    again = opened(files)
    assert again.partitions() == [("t", 0), ("t", 1), ("t", 2)]
    assert again.opened() == []
    assert (again.size_of("t", 0), again.size_of("none", 0)) == (size, 0)
    assert again.topic_ids() == {TopicPartition("t", n): ID for n in range(3)}
    log = again.open("t", 1, ID, b.rules())
    assert again.open("t", 1, ID, b.rules()) is log
    assert again.opened() == [log]


def test_new_partitions_go_where_the_fewest_are(files: MemoryFiles):
    store = opened(files, "/d/one", "/d/two")
    for number in range(4):
        store.open("t", number, ID, b.rules())
    dirs = [store.log_dir_of("t", number) for number in range(4)]
    assert sorted(dirs) == ["/d/one", "/d/one", "/d/two", "/d/two"]
    store.close(clean=True)
    again = opened(files, "/d/one", "/d/two")
    assert [again.log_dir_of("t", number) for number in range(4)] == dirs


def test_a_deleted_partition_is_out_of_sight_at_once_and_gone_after_the_sweep(files: MemoryFiles):
    store = opened(files)
    log = store.open("t", 0, ID, b.rules())
    append(log, batch(b"x"))
    store.delete("t", 0, ID)
    assert store.partitions() == []
    assert [names.is_deleted_folder(name) for name in files.listdir(DATA) if "t-0" in name] == [
        True
    ]
    with pytest.raises(KafkaError):
        append(log, batch(b"y"))
    store.sweep(0)
    assert not [name for name in files.listdir(DATA) if "t-0" in name]
    assert store.open("t", 0, ID, b.rules()).end_offset == 0
    store.delete("never", 0, ID)


def test_a_deleted_partition_stays_on_the_disk_for_as_long_as_is_wished(files: MemoryFiles):
    store = opened(files)
    store.file_delete_delay_ms = 100
    store.open("t", 0, ID, b.rules())
    store.delete("t", 0, ID)
    assert store.sweep(7) == 107
    assert [name for name in files.listdir(DATA) if "t-0" in name]
    assert store.sweep(107) is None
    assert not [name for name in files.listdir(DATA) if "t-0" in name]


def test_what_was_being_deleted_is_gone_after_a_restart(files: MemoryFiles):
    store = opened(files)
    store.open("t", 0, ID, b.rules())
    store.delete("t", 0, ID)
    files.held.clear()
    assert opened(files).partitions() == []
    assert not [name for name in files.listdir(DATA) if "t-0" in name]


def test_the_folder_of_another_topic_of_that_name_is_set_aside(files: MemoryFiles):
    store = opened(files)
    append(store.open("t", 0, ID, b.rules()), batch(b"old"))
    store.close(clean=True)
    again = opened(files)
    assert again.open("t", 0, b"N" * 16, b.rules()).end_offset == 0
    (stray,) = [name for name in files.listdir(DATA) if name.endswith("-stray")]
    assert files.size(f"{DATA}/{stray}/{names.offset_file(0, names.LOG)}") > 0


def test_a_clean_shutdown_needs_no_recovery_and_its_mark_is_used_once(files: MemoryFiles):
    store = opened(files)
    log = store.open("t", 0, ID, b.rules())
    append(log, batch(b"x", producer_id=1, epoch=0, sequence=0))
    store.close(clean=True)
    mark = f"{DATA}/{names.CLEAN_SHUTDOWN}"
    assert files.read_file(mark) == b'{"version":0,"brokerEpoch":-1}'
    again = opened(files)
    assert (again.was_clean, files.exists(mark)) == (True, False)
    assert again.recover() == []
    assert 1 in again.open("t", 0, ID, b.rules()).producers.producers
    again.close(clean=False)
    assert not opened(files).was_clean


def after_a_kill(files: MemoryFiles, damage: Callable[[], None]) -> DiskStore:
    """Write, checkpoint, write more, die, damage, start again."""
    store = opened(files)
    log = store.open("t", 0, ID, b.rules())
    for number in range(20):
        append(log, batch(b"%02d" % number))
    log.end_commit(log.begin_commit())
    log.recovery_point = log.end_offset
    store.checkpoint()
    append(log, batch(b"after"))
    files.held.clear()
    damage()
    return opened(files)


def test_checkpoints_are_kafkas_and_say_where_recovery_begins(files: MemoryFiles):
    store = after_a_kill(files, lambda: None)
    assert (
        b.words(files.read_file(f"{DATA}/{names.RECOVERY_POINT_CHECKPOINT}"))
        == b"0\n1\nt 0 20\n".split()
    )
    high_watermarks = files.read_file(f"{DATA}/{names.HIGH_WATERMARK_CHECKPOINT}")
    assert b.words(high_watermarks) == b"0\n1\nt 0 20\n".split()
    told: list[tuple[int, int]] = []
    assert store.recover(lambda done, total: told.append((done, total))) == []
    assert told[-1][0] == told[-1][1] > 0
    assert store.open("t", 0, ID, b.rules()).end_offset == 21


def test_a_torn_tail_is_told_and_cut(files: MemoryFiles):
    def tear() -> None:
        path = max(path for path in files.contents if path.endswith(".log"))
        files.contents[path] = files.contents[path][:-3]

    store = after_a_kill(files, tear)
    (note,) = store.recover()
    assert "after offset 19" in note
    assert store.open("t", 0, ID, b.rules()).end_offset == 20


def test_damage_below_the_mark_quarantines_that_partition_until_it_is_mended(files: MemoryFiles):
    def damage() -> None:
        path = sorted(path for path in files.contents if path.endswith(".log"))[-1]
        files.contents[path][65] ^= 1

    store = after_a_kill(files, damage)
    (note,) = store.recover()
    assert "quarantined" in note
    for _ in range(2):
        with pytest.raises(KafkaError) as raised:
            store.open("t", 0, ID, b.rules())
        assert raised.value.code == ErrorCode.KAFKA_STORAGE_ERROR
    append(store.open("t", 1, ID, b.rules()), batch(b"x"))
    store.close(clean=True)
    again = opened(files)
    assert not again.was_clean
    assert len(again.recover()) == 1
    assert again.open("t", 1, ID, b.rules()).end_offset == 1


def test_without_recover_a_partition_recovers_when_it_is_opened(files: MemoryFiles):
    store = after_a_kill(files, lambda: None)
    assert len(b.offsets(read_all(store.open("t", 0, ID, b.rules())))) == 21


def test_a_checkpoint_that_changes_nothing_writes_nothing(files: MemoryFiles):
    store = opened(files)
    append(store.open("t", 0, ID, b.rules()), batch(b"x"))
    store.checkpoint()
    path = f"{DATA}/{names.HIGH_WATERMARK_CHECKPOINT}"
    files.unlink(path)
    store.checkpoint()
    assert not files.exists(path)


def test_where_nothing_is_synced_recovery_begins_at_the_active_segment(files: MemoryFiles):
    store = opened(files)
    log = store.open("t", 0, ID, b.rules())
    for number in range(20):
        append(log, batch(b"%02d" % number))
    store.checkpoint()
    assert log.recovery_point == log.active.base_offset > 0


def test_silent_producers_are_forgotten_at_a_checkpoint(files: MemoryFiles):
    store = opened(files, producer_expiration_ms=1000)
    log = store.open("t", 0, ID, b.rules())
    append(log, batch(b"x", producer_id=1, epoch=0, sequence=0))
    write(log, memoryview(batch(b"y")), now_ms=NOW + 1000, leader_epoch=0)
    store.checkpoint()
    assert log.producers.producers == {}


def test_a_log_that_failed_leaves_no_clean_mark(files: MemoryFiles):
    store = opened(files)
    good, bad = (store.open("t", number, ID, b.rules()) for number in range(2))
    append(good, batch(b"x"))
    append(bad, batch(b"x"))
    bad.fail(KafkaError(ErrorCode.KAFKA_STORAGE_ERROR))
    store.close(clean=True)
    again = opened(files)
    assert not again.was_clean
    assert again.open("t", 0, ID, b.rules()).end_offset == 1


def test_what_is_small_can_wait_for_its_use_and_says_then_what_was_found(files: MemoryFiles):
    def tear() -> None:
        path = max(path for path in files.contents if path.endswith(".log"))
        files.contents[path] = files.contents[path][:-3]

    store = after_a_kill(files, tear)
    assert store.recover(at_least_bytes=1 << 20) == []
    store.close(clean=True)
    again = opened(files)
    assert not again.was_clean, "nobody has looked at it"
    log = again.open("t", 0, ID, b.rules())
    assert "after offset 19" in log.notes[0]
    again.close(clean=True)
    assert opened(files).was_clean


def test_what_waits_at_the_end_is_recovered_if_it_is_not_too_much(files: MemoryFiles):
    store = after_a_kill(files, lambda: None)
    assert store.recover(at_most_logs=0) == []
    store.close(clean=True)
    again = opened(files)
    assert not again.was_clean
    again.recover(at_most_logs=1)
    again.close(clean=True)
    assert opened(files).was_clean


@pytest.mark.parametrize("is_clean", [True, False])
def test_a_new_topic_begins_at_0_where_another_of_that_name_was(files: MemoryFiles, is_clean: bool):
    store = opened(files)
    log = store.open("t", 0, ID, b.rules())
    for _ in range(30):
        append(log, batch(b"x"))
    log.advance_log_start(20)
    store.close(clean=True)
    if not is_clean:
        files.unlink(f"{DATA}/{names.CLEAN_SHUTDOWN}")
    again = opened(files)
    assert again.was_clean == is_clean
    made = again.open("t", 0, ID[::-1], b.rules())
    assert (made.log_start_offset, made.end_offset) == (0, 0)


def test_a_folder_that_cannot_be_listed_keeps_nobody_else_from_recovery(
    files: MemoryFiles, monkeypatch: pytest.MonkeyPatch
):
    store = opened(files)
    for number in range(2):
        append(store.open("t", number, ID, b.rules()), batch(b"x"))
    store.close(clean=False)
    again = opened(files)
    listed = MemoryFiles.listdir

    def listdir(self: MemoryFiles, path: str) -> list[str]:
        if path.endswith("t-0"):
            raise OSError("bad disk")
        return listed(self, path)

    with monkeypatch.context() as patched:
        patched.setattr(MemoryFiles, "listdir", listdir)
        assert again.recover() == [f"{DATA}/t-0: quarantined: bad disk"]
    with pytest.raises(KafkaError):
        again.open("t", 0, ID, b.rules())
    assert again.open("t", 1, ID, b.rules()).end_offset == 1
    again.close(clean=True)
    assert not opened(files).was_clean


def test_without_syncs_recovery_neither_syncs_nor_says_so():
    files = FaultyFiles()
    after_a_kill(files, lambda: None).close(clean=False)
    checkpoint = f"{DATA}/{names.RECOVERY_POINT_CHECKPOINT}"
    synced: list[str] = []

    def note(operation: str, path: str) -> None:
        if "sync" in operation and path != DATA:
            synced.append(path)

    files.fault = note
    store = opened(files, is_synced=False)
    store.recover()
    log = store.open("t", 0, ID, b.rules())
    assert (log.end_offset, log.recovery_point, synced) == (21, 20, [])
    assert b.words(files.read_file(checkpoint)) == b"0\n1\nt 0 20\n".split()
    store.close(clean=True)
    assert synced
    assert b.words(files.read_file(checkpoint)) == b"0\n1\nt 0 21\n".split()
    assert opened(files).was_clean


def test_what_was_recovered_and_not_used_is_synced_by_a_clean_end():
    files = FaultyFiles()
    after_a_kill(files, lambda: None).close(clean=False)
    store = opened(files, is_synced=False)
    store.recover()
    store.close(clean=True)
    again = opened(FaultyFiles(files.survivors("power")))
    assert again.was_clean
    assert again.open("t", 0, ID, b.rules()).end_offset == 21


@pytest.mark.parametrize("loss", ["power", "kill"])
def test_where_a_log_begins_survives_a_crash_once_it_was_written(loss: Any):
    files = FaultyFiles()
    store = opened(files)
    log = store.open("t", 0, ID, b.rules())
    for _ in range(20):
        append(log, batch(b"x" * 100))
    files.sync_filesystem("/d")
    log.advance_log_start(17)
    store.prepare_log_starts([TopicPartition("t", 0)])()
    again = opened(FaultyFiles(files.survivors(loss)))
    again.recover()
    found = again.open("t", 0, ID, b.rules())
    assert (found.log_start_offset, found.end_offset) == (17, 20)
    assert found.segments[0].base_offset <= 17


def test_offsets_are_not_given_again_after_all_records_were_deleted():
    files = FaultyFiles()
    store = opened(files)
    log = store.open("t", 0, ID, b.rules())
    append(log, batch(b"x"))
    log.advance_log_start(1)
    store.prepare_log_starts([TopicPartition("t", 0)])()
    left, folders = files.survivors("kill")
    left = {path: content for path, content in left.items() if not path.endswith(".log")}
    again = opened(FaultyFiles((left, folders)))
    again.recover()
    found = again.open("t", 0, ID, b.rules())
    assert (found.log_start_offset, found.end_offset) == (1, 1)


def test_a_topic_made_again_loses_nothing_by_what_is_known_of_the_former():
    files = FaultyFiles()
    store = opened(files)
    log = store.open("t", 0, ID, b.rules())
    for _ in range(20):
        append(log, batch(b"x" * 100))
    log.advance_log_start(20)
    store.checkpoint()
    store.delete("t", 0, ID)
    other = bytes(reversed(ID))
    append(store.open("t", 0, other, b.rules()), batch(b"new"))
    again = opened(FaultyFiles(files.survivors("kill")))
    again.recover()
    assert b.offsets(read_all(again.open("t", 0, other, b.rules()))) == [(0, 1)]

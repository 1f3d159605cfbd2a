"""What is sealed becomes durable with all that follows from it, before it is compacted."""

from kafkacompat_storage.compaction.settling import Settling
from kafkacompat_storage.memory_files import MemoryFiles
from tests.support import batches as b
from tests.support.compaction import keyed
from tests.support.faulty_files import FaultyFiles


def test_the_recovery_point_follows_what_was_sealed():
    files = FaultyFiles()
    log = b.new_log(files)
    for number in range(30):
        b.append(log, keyed((b"k", b"%d" % number * 20), producer_id=1, epoch=0, sequence=number))
    log.roll(b.NOW)
    assert log.recovery_point == 0
    settling = Settling(log)
    settling.sync()
    assert settling.note() == log.recovery_point == 30
    left, _ = files.survivors("power")
    again = FaultyFiles(files.survivors("power"))
    log = b.new_log(again, recovery_point=30)
    assert len(log.producers.producers[1].window) == 5
    assert [path for path in left if path.endswith(".snapshot")]
    assert Settling(log).note() == 30


def test_what_a_commit_has_taken_is_waited_for():
    log = b.new_log(MemoryFiles())
    for number in range(2):
        b.append(log, keyed((b"k", b"%d" % number)))
        log.roll(b.NOW)
        if number == 0:
            pending = log.begin_commit()
    settling = Settling(log)
    settling.sync()
    assert settling.note() == 0, "the first segment is not synced yet"
    log.folder.sync(pending)
    log.end_commit(pending)
    settling = Settling(log)
    settling.sync()
    assert settling.note() == 2


def test_nothing_above_the_high_watermark_is_settled():
    log = b.new_log(MemoryFiles())
    b.append_unseen(log, keyed((b"k", b"v")))
    log.roll(b.NOW)
    settling = Settling(log)
    settling.sync()
    assert settling.note() == 0

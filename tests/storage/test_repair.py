"""After a repair the log is opened, and nothing that was removed is lost."""

from kafkacompat_protocol.records.batch import read_batches
from kafkacompat_storage.examination import examine
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.repair import QUARANTINED, repair
from tests.crash.flips import DATA, FOLDER, Subject, log_of, opened
from tests.support import batches as b

LOG = f"{FOLDER}/{0:020d}.log"


def test_a_damaged_batch_is_taken_out_and_the_rest_is_served() -> None:
    subject = Subject("clean")
    contents = {path: bytearray(kept) for path, kept in subject.files.items()}
    files = MemoryFiles(contents, set(subject.folders))
    base, following, position, size = subject.original.batches[10]
    files.contents[LOG][position + 70] ^= 1
    removed = bytes(files.contents[LOG][position : position + size])
    (done,) = repair(files, DATA, examine(files, DATA))
    kept = f"{LOG}.{position}{QUARANTINED}"
    assert kept in done
    assert files.read_file(kept) == removed
    assert list(examine(files, DATA)) == []
    store = opened(files)
    assert store.recover(is_compacted=lambda topic: False) == []
    log = log_of(store)
    offsets = [header.base_offset for _, header in read_batches(b.read_all(log, 4))]
    assert base not in offsets
    assert following in offsets
    assert log.end_offset == subject.original.end


def test_what_is_garbled_and_derived_is_set_aside_and_made_again() -> None:
    subject = Subject("clean")
    for kind in (".index", ".timeindex", ".snapshot", "leader-epoch-checkpoint"):
        path = subject.kinds()[kind]
        files = subject.flipped(path, 8 * (len(subject.files[path]) // 2) + 2)
        (done,) = repair(files, DATA, examine(files, DATA))
        assert path + QUARANTINED in done
        store = opened(files)
        store.recover(is_compacted=lambda topic: False)
        assert b.read_all(log_of(store)) == subject.original.content

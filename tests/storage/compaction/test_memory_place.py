"""Segments in memory, compacted without a file."""

from kafkacompat_storage.compaction.memory_place import MemoryPlace
from tests.support import batches as b
from tests.support.compaction import committed, keyed, run_pass


def test_a_log_in_memory_is_compacted():
    log = b.memory_log()
    for number in range(50):
        b.append(log, keyed((b"k%d" % (number % 3), b"%d" % number * 20)))
    log.roll(b.NOW)
    b.append(log, keyed((b"k0", b"last")))
    size = log.size_bytes
    assert run_pass(log) == 50
    assert [offset for offset, _, _ in committed(log)] == [47, 48, 49, 50]
    assert log.size_bytes == sum(segment.size for segment in log.segments) < size / 4


def test_only_large_compressed_batches_are_slow():
    log = b.memory_log()
    b.append(log, keyed((b"k", b"v" * 900)))
    b.append(log, keyed((b"k", b"v"), compression=1))
    assert not MemoryPlace(log.segments).is_slow
    noise = bytes(range(256)) * 100
    log = b.memory_log(b.rules(segment_bytes=1 << 20))
    b.append(log, keyed((b"k", noise + noise[::-1]), compression=2))
    assert not MemoryPlace(log.segments).is_slow
    import random

    b.append(log, keyed((b"k", random.Random(1).randbytes(40_000)), compression=1))
    assert MemoryPlace(log.segments).is_slow

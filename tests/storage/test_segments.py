"""Both kinds of segment are what a log asks for; mypy checks the assignments."""

from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.memory_segment import MemorySegment
from kafkacompat_storage.segment import FileSegment
from kafkacompat_storage.segments import Chunk, Need, Segment


def test_both_kinds_offer_every_operation():
    file = FileSegment(MemoryFiles(), "/d", 0, created_ms=0, index_interval=100)
    kinds: list[Segment] = [file, MemorySegment(0, 0)]
    operations = [name for name in vars(Segment) if not name.startswith("_")]
    for kind in kinds:
        assert all(hasattr(kind, name) for name in operations)


def test_nothing_read_has_no_next_offset():
    assert MemorySegment(5, 0).read(0, 100, 0, True) == Chunk([], 0, -1)
    assert MemorySegment(5, 0).locate(5) == 0
    assert Need(0, 0).size == 0

"""Walking a file of batches: every cut, every flipped bit, windows smaller than a batch."""

import pytest

from kafkacompat_protocol.records.batch import patch_base_offset
from kafkacompat_storage import scan as s
from kafkacompat_storage.files import File
from kafkacompat_storage.memory_files import MemoryFiles
from tests.support.batches import batch


def file_of(content: bytes) -> File:
    files = MemoryFiles()
    files.mkdir("/d")
    files.write_file("/d/x", content, sync=False)
    return files.open("/d/x")


def three() -> list[bytearray]:
    made = [batch(b"a" * 10), batch(b"b" * 200), batch(b"c")]
    for offset, content in enumerate(made):
        patch_base_offset(content, 0, offset)
    return made


@pytest.mark.parametrize("window", [61, 100, 1 << 20])
def test_batches_are_told_with_their_positions(window: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(s, "_WINDOW_BYTES", window)
    content = b"".join(three())
    found = list(s.scan(file_of(content), 0, len(content), verify=True))
    assert [found_batch.header.base_offset for found_batch in found] == [0, 1, 2]
    assert b"".join(bytes(found_batch.content) for found_batch in found) == content
    first, second, _ = map(len, three())
    assert [found_batch.position for found_batch in found] == [0, first, first + second]


def test_a_cut_at_each_byte_ends_after_the_last_whole_batch():
    content = b"".join(three())
    first, second, _ = map(len, three())
    ends = [0, first, first + second]
    for end in range(1, len(content)):
        seen = []
        bad = None
        try:
            seen += s.scan(file_of(content[:end]), 0, end, verify=True)
        except s.BadBatch as error:
            bad = error.position
        whole = max(at for at in ends if at <= end)
        assert bad == (None if end in ends else whole)
        assert end not in ends or len(seen) == ends.index(end)


def test_a_flipped_bit_is_seen_only_when_looked_for():
    content = bytearray(b"".join(three()))
    content[150] ^= 1
    assert len(list(s.scan(file_of(bytes(content)), 0, len(content), verify=False))) == 3
    with pytest.raises(s.BadBatch) as raised:
        list(s.scan(file_of(bytes(content)), 0, len(content), verify=True))
    assert raised.value.position == len(three()[0])


def test_offsets_that_go_back_and_files_that_shrink_are_bad():
    content = bytes(three()[1] + three()[0])
    with pytest.raises(s.BadBatch):
        list(s.scan(file_of(content), 0, len(content), verify=False))
    with pytest.raises(s.BadBatch):
        list(s.scan(file_of(content), 0, len(content), verify=False, bounds=s.Bounds(9)))
    with pytest.raises(s.BadBatch):
        list(s.scan(file_of(bytes(three()[0])), 0, 500, verify=False))

"""Small files: Kafka's text, and nothing worse than emptiness from garbage."""

import pytest

from kafkacompat_storage import checkpoint as c
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.names import TopicPartition
from tests.support.faulty_files import FaultyFiles


def test_offset_checkpoints_are_kafkas_text():
    offsets = {TopicPartition("a", 0): 5, TopicPartition("b-c", 12): 0}
    written = c.encode_offsets(offsets)
    assert [line.split() for line in written.split(b"\n")] == [
        line.split() for line in b"0\n2\na 0 5\nb-c 12 0\n".split(b"\n")
    ]
    assert c.decode_offsets(written) == offsets
    assert c.decode_offsets(b"0\n2\na 0 5\nb-c 12 0\n") == offsets


def test_a_flipped_bit_costs_at_most_the_lines_it_is_in():
    offsets = {TopicPartition("a", 0): 5, TopicPartition("b-c", 12): 0, TopicPartition("d", 1): 7}
    written = c.encode_offsets(offsets)
    for bit in range(8 * len(written)):
        flipped = bytearray(written)
        flipped[bit // 8] ^= 1 << bit % 8
        found = c.decode_offsets(bytes(flipped))
        assert found.items() <= offsets.items()
        assert c.decode_lines(bytes(flipped)) is None


@pytest.mark.parametrize("content", [None, b"", b"1\n1\na 0 5\n", b"0\nx\n", b"\xff\xfe", b"0"])
def test_garbage_is_as_good_as_nothing(content: bytes | None):
    assert c.decode_offsets(content) == {}


def test_a_bad_line_costs_only_itself():
    assert c.decode_offsets(b"0\n3\na 0 5\na b\nc 1 7\n") == {("a", 0): 5, ("c", 1): 7}


def test_properties_are_read_in_both_of_javas_notations():
    content = b"#Fri\nversion=1\ncluster.id = a=b\n\n!x\ntopic_id: AAA\nnonsense\n"
    assert c.decode_properties(content) == {
        "version": "1",
        "cluster.id": "a=b",
        "topic_id": "AAA",
    }
    assert c.decode_properties(c.encode_properties({"a": "b=c", "d": ""})) == {"a": "b=c", "d": ""}


def test_a_file_is_replaced_under_its_name():
    files = MemoryFiles()
    files.mkdir("/d")
    for content in (b"one", b"two"):
        c.replace_file(files, "/d/name", content)
    assert (files.listdir("/d"), files.read_file("/d/name")) == (["name"], b"two")


@pytest.mark.parametrize("has_syncfs", [True, False])
def test_many_files_are_replaced_durably(has_syncfs: bool):
    files = FaultyFiles(has_syncfs=has_syncfs)
    contents = [(f"/d/{number}", b"%d" % number) for number in range(6)]
    c.replace_files(files, contents)
    assert files.survivors("power")[0] == dict(contents)

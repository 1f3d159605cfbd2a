"""Batches that lay on a disk: each is held against its CRC, its neighbours and the epochs."""

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import patch_base_offset, patch_leader_epoch
from kafkacompat_storage import verifying as v
from kafkacompat_storage.files import File
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.scan import BadBatch, scan
from kafkacompat_storage.segments import Need
from tests.support.batches import batch


def placed(*offsets: int, epoch: int = 1) -> list[bytearray]:
    made = [batch(b"%d" % offset) for offset in offsets]
    for offset, content in zip(offsets, made, strict=True):
        patch_base_offset(content, 0, offset)
        patch_leader_epoch(content, 0, epoch)
    return made


def file_of(content: bytes) -> File:
    files = MemoryFiles()
    files.mkdir("/d")
    files.write_file("/d/x", content, sync=False)
    return files.open("/d/x")


def check(batches: list[bytearray], epoch: int = 1) -> None:
    verifier = v.Verifier()
    verifier.epoch_of = lambda offset: epoch
    verifier.check_batches(0, memoryview(b"".join(batches)), "x")


@pytest.mark.parametrize(
    ("batches", "epoch"),
    [(placed(5, 4), 1), (placed(0, 1), 2), ([placed(0)[0][:-1] + b"?"], 1)],
)
def test_what_is_out_of_order_of_another_epoch_or_changed_is_corrupt(
    batches: list[bytearray], epoch: int
) -> None:
    check(placed(4, 5, 9))
    with pytest.raises(KafkaError) as raised:
        check(batches, epoch)
    assert raised.value.code == ErrorCode.CORRUPT_MESSAGE


def test_a_batch_that_reaches_into_the_next_is_corrupt() -> None:
    first, second = placed(0, 1)
    whole = bytes(first + second)
    ends = len(whole), 2
    assert v.check_following(file_of(whole), 0, whole, 0, ends) is None
    assert v.check_following(file_of(whole), 0, whole, len(first), ends) is None
    patch_base_offset(first, 0, 1)
    with pytest.raises(KafkaError):
        v.check_following(file_of(bytes(first + second)), 0, bytes(first), 0, ends)
    with pytest.raises(KafkaError):
        v.check_following(file_of(whole), 0, whole, len(first), (len(whole), 1))


def test_a_batch_too_long_for_a_chunk_is_looked_at_only_if_in_doubt() -> None:
    content = bytes(placed(0)[0])
    verifier = v.Verifier()
    verifier.begin()
    assert verifier.settle_doubt(file_of(content)) is None
    verifier.pass_by(memoryview(content[:30]), 0, 0, len(content))
    assert verifier.settle_doubt(file_of(b"")) == Need(0, len(content))
    assert verifier.settle_doubt(file_of(content)) is None
    verifier.pass_by(memoryview(content[:30]), 0, 0, len(content))
    with pytest.raises(KafkaError):
        verifier.settle_doubt(file_of(content[:-1] + b"?"))


def test_an_entry_holds_where_its_batch_is() -> None:
    file = file_of(bytes(placed(7)[0]))
    assert v.entry_holds(file, 5, 2, 0)
    assert not v.entry_holds(file, 5, 3, 0)
    assert not v.entry_holds(file, 5, 2, 9)


def test_scanned_batches_of_another_epoch_are_bad() -> None:
    content = b"".join(placed(0, 1))
    found = scan(file_of(content), 0, len(content), verify=True)
    with pytest.raises(BadBatch):
        list(v.checked_epochs(found, lambda offset: 1 + offset))

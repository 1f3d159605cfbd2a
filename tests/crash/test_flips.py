"""The short form of `make flips`: some bits of each file."""

import pytest

from tests.crash.flips import Subject, run

EVERY = 1499
AT_LEAST = 12


@pytest.mark.parametrize("state", ["clean", "crashed"])
def test_no_flipped_bit_does_harm(state: str) -> None:
    subject = Subject(state)
    assert len(subject.files[subject.kinds()[".log"]]) >= 64_000
    for kind, path in subject.kinds().items():
        bits = 8 * len(subject.files[path])
        told, wrong = run(state, kind, range(7, bits, min(EVERY, max(1, bits // AT_LEAST))))
        assert wrong == []
        assert sum(told.values()) >= AT_LEAST // 2


@pytest.mark.parametrize("state", ["clean", "crashed"])
def test_no_flipped_bit_that_a_crc_does_not_cover_does_harm(state: str) -> None:
    subject = Subject(state)
    for kind in (".log", "the last .log"):
        places = {p for _, _, p, _ in subject.original.batches[3:60:28]} | {0}
        size = len(subject.files[subject.kinds()[kind]])
        bits = [8 * place + bit for place in places if place < size for bit in range(8 * 17)]
        _, wrong = run(state, kind, bits)
        assert wrong == []

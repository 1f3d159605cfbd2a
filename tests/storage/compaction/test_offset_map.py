"""Keys and offsets in bounded memory."""

import tracemalloc

from kafkacompat_storage.compaction.offset_map import ENTRY_BYTES, OffsetMap, known_as


def test_short_keys_are_known_by_themselves_and_long_ones_by_sixteen_bytes():
    assert known_as(b"k" * 15) == b"k" * 15
    digests = {known_as(b"k" * size) for size in range(16, 200)}
    assert {len(digest) for digest in digests} == {16}
    assert len(digests) == 184


def test_as_many_keys_fit_as_the_memory_is_for():
    assert OffsetMap(10 * ENTRY_BYTES).limit == 10
    assert OffsetMap(10 * ENTRY_BYTES, 0.5).limit == 5
    assert OffsetMap(10 * ENTRY_BYTES, 7.0).limit == 10
    assert OffsetMap(0).limit == 1
    known = OffsetMap(2 * ENTRY_BYTES)
    known.offsets[b"a"] = 1
    assert (known.room_for(1), known.room_for(2)) == (True, False)


def test_a_full_map_takes_no_more_memory_than_it_was_given():
    for count in (3_000, 11_000, 22_000, 45_000):  # Where a dict has just grown, and between.
        known = OffsetMap(count * ENTRY_BYTES)
        tracemalloc.start()
        for number in range(known.limit):
            known.offsets[known_as(b"a key of a usual length %d" % number)] = (
                10_000_000_000 + number
            )
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak <= count * ENTRY_BYTES

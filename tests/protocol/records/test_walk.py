"""Walking records finds what reading them does, and nothing makes it run away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.record import Record, encode_records
from kafkacompat_protocol.records.walk import Findings, walk_records

BASE_MS = 1_700_000_000_000
some_bytes = st.none() | st.binary(max_size=200)
some_records = st.lists(st.tuples(st.integers(-(1 << 40), 1 << 40), some_bytes, some_bytes))


def encoded(found: list[tuple[int, bytes | None, bytes | None]]) -> bytes:
    records = [
        Record(at, BASE_MS + delta, key, value, [("h", value)] * (at % 3))
        for at, (delta, key, value) in enumerate(found)
    ]
    return encode_records(records, base_timestamp=BASE_MS)


@given(some_records, st.none() | st.integers(), st.none() | st.integers())
def test_it_finds_what_the_records_say(
    found: list[tuple[int, bytes | None, bytes | None]], least: int | None, most: int | None
) -> None:
    told = walk_records(encoded(found), len(found), least_delta=least, most_delta=most)
    assert told == Findings(
        [at for at, (_, key, _) in enumerate(found) if key is None],
        [
            (at, delta)
            for at, (delta, _, _) in enumerate(found)
            if (least is not None and delta < least) or (most is not None and delta > most)
        ],
    )


GOOD = encoded([(0, b"key" * 30, b"v"), (5, None, b"w"), (9, b"", None)])


def refusal(payload: bytes, count: int = 3) -> ErrorCode:
    with pytest.raises(KafkaError) as raised:
        walk_records(payload, count, least_delta=None, most_delta=None)
    return raised.value.code


def test_what_ends_early_or_late_is_refused() -> None:
    assert {refusal(GOOD[:size]) for size in range(len(GOOD))} == {ErrorCode.INVALID_RECORD}
    assert refusal(GOOD + b"\0") == refusal(GOOD, 2) == refusal(GOOD, 4) == ErrorCode.INVALID_RECORD


def test_offsets_follow_each_other() -> None:
    skipping = [Record(0, 0, b"k", b"v"), Record(2, 0, b"k", b"v")]
    assert refusal(encode_records(skipping), 2) == ErrorCode.INVALID_RECORD


@given(st.binary(max_size=60), st.integers(0, 5))
def test_garbage_is_refused_or_walked(payload: bytes, count: int) -> None:
    code = ErrorCode.INVALID_RECORD
    try:
        walk_records(payload, count, least_delta=-5, most_delta=5)
    except KafkaError as error:
        code = error.code
    assert code == ErrorCode.INVALID_RECORD


def test_a_varint_ends() -> None:
    assert refusal(b"\x20\x00" + b"\xff" * 40, 1) == ErrorCode.INVALID_RECORD

"""Walk the records of a batch without making objects of them: what a broker checks of each.

A loop over bytes with the varints read in place, several times as fast as `iterate_records`.
"""

from typing import NamedTuple

from kafkacompat_protocol.errors import ErrorCode, KafkaError

_LEAST_SIZE = 6
"""Attributes, two deltas, two lengths and the number of headers."""
_CONTINUES = 0x80
_LONGEST_VARINT = 10


class Findings(NamedTuple):
    """Indices of records that a topic does not take, lowest first."""

    without_key: list[int]
    untimely: list[tuple[int, int]]
    """(index, timestamp delta) of those outside what was allowed."""


def walk_records(
    payload: bytes, count: int, *, least_delta: int | None, most_delta: int | None
) -> Findings:
    """Look at `count` uncompressed records, which must fill `payload` and have offsets 0, 1, ...

    A timestamp delta outside `least_delta` and `most_delta` is untimely; None is no limit.

    Errors: INVALID_RECORD.
    """
    without_key: list[int] = []
    untimely: list[tuple[int, int]] = []
    position, end = 0, len(payload)
    checks_time = least_delta is not None or most_delta is not None
    least = -(1 << 63) if least_delta is None else least_delta
    most = 1 << 63 if most_delta is None else most_delta
    try:
        for index in range(count):
            raw = payload[position]
            position += 1
            if raw >= _CONTINUES:
                raw, position = _varint(payload, position, raw)
            size = (raw >> 1) ^ -(raw & 1)
            stop = position + size
            if size < _LEAST_SIZE or stop > end:
                raise _invalid("record longer than its batch")
            position += 1
            raw = payload[position]
            position += 1
            if raw >= _CONTINUES:
                raw, position = _varint(payload, position, raw)
            if checks_time and not least <= (delta := (raw >> 1) ^ -(raw & 1)) <= most:
                untimely.append((index, delta))
            raw = payload[position]
            position += 1
            if raw >= _CONTINUES:
                raw, position = _varint(payload, position, raw)
            if raw != index << 1:
                raise KafkaError(ErrorCode.INVALID_RECORD, "offsets do not follow each other")
            raw = payload[position]
            position += 1
            if raw >= _CONTINUES:
                raw, position = _varint(payload, position, raw)
            if raw == 1:  # -1
                without_key.append(index)
            elif raw & 1 or position + (raw >> 1) >= stop:
                raise _invalid("key runs past its record")
            position = stop
    except IndexError:
        raise _invalid("record runs past the end") from None
    if position != end:
        raise _invalid("bytes after the last record")
    return Findings(without_key, untimely)


def _varint(payload: bytes, position: int, first: int) -> tuple[int, int]:
    """Return an unsigned varint that began with `first` just before, and where it ends."""
    value, shift = first & 0x7F, 7
    while True:
        byte = payload[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < _CONTINUES:
            return value, position
        shift += 7
        if shift >= 7 * _LONGEST_VARINT:
            raise _invalid("a varint that does not end")


def _invalid(why: str) -> KafkaError:
    return KafkaError(ErrorCode.INVALID_RECORD, why)

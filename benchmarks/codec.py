"""Compare the compiled codec with hand-written `struct` code for the same bytes.

    python -m benchmarks.codec

Both sides build, or take, the same slotted objects. Prints microseconds per message and the ratio;
the aim is a ratio of at most 1.5.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks import handwritten
from kafkacompat_protocol import codec
from kafkacompat_protocol.codegen import MAX_ELEMENTS

ROUNDS, SECONDS_A_ROUND = 9, 0.15


def per_call_us(function: Callable[[], Any]) -> float:
    """Return the microseconds that one call takes, over one round."""
    count = 1
    while True:
        start = time.perf_counter()
        for _ in range(count):
            function()
        took = time.perf_counter() - start
        if took >= SECONDS_A_ROUND / 3:
            return took / count * 1e6
        count *= 2


def compare(ours: Callable[[], Any], theirs: Callable[[], Any]) -> tuple[float, float]:
    """Return the medians of alternating rounds."""
    pairs = [(per_call_us(ours), per_call_us(theirs)) for _ in range(ROUNDS)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def main() -> None:
    """Print the table."""
    print(f"{'message':<24}{'direction':<10}{'codec us':>9}{'struct us':>10}{'ratio':>7}")
    for case in handwritten.CASES:
        cls, version = type(case.message), case.version
        wire = codec.encode(case.message, version)
        assert case.encode(case.message) == wire, f"{case.name}: hand-written encoding differs"
        assert case.decode(wire) == case.message, f"{case.name}: hand-written decoding differs"
        decode, encode = codec.decoder(cls, version), codec.encoder(cls, version)
        rows = {
            "decode": (
                lambda decode=decode, wire=wire: decode(wire, 0, MAX_ELEMENTS),
                lambda case=case, wire=wire: case.decode(wire),
            ),
            "encode": (
                lambda encode=encode, case=case: encode(case.message, bytearray()),
                lambda case=case: case.encode(case.message),
            ),
        }
        for direction, (ours, theirs) in rows.items():
            a, b = compare(ours, theirs)
            print(f"{case.name:<24}{direction:<10}{a:>9.2f}{b:>10.2f}{a / b:>7.2f}")


if __name__ == "__main__":
    main()

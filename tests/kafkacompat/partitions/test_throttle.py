"""How long to rest after so many bytes."""

import pytest

from kafkacompat.partitions.throttle import Throttle


class Watch:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_without_a_limit_nobody_rests() -> None:
    assert Throttle(None, Watch()).take(1 << 40) == 0.0


def test_bytes_take_as_long_as_they_should() -> None:
    watch = Watch()
    throttle = Throttle(1000, watch)
    assert throttle.take(500) == pytest.approx(0.5)
    watch.now_s += 0.5
    assert throttle.take(250) == pytest.approx(0.25)
    watch.now_s += 0.2
    assert throttle.take(100) == pytest.approx(0.15)


def test_a_long_rest_is_not_saved_up() -> None:
    watch = Watch()
    throttle = Throttle(1000, watch)
    watch.now_s += 100
    assert throttle.take(500) == 0.0
    assert throttle.take(1000) == pytest.approx(0.5)

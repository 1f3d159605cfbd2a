"""What members may say of records, and what follows from it."""

import pytest

from kafkacompat.coordinator.share.acknowledging import Acknowledgement as Ack
from kafkacompat.coordinator.share.acknowledging import check, judge, released
from kafkacompat.coordinator.share.window import (
    ACKNOWLEDGED,
    ACQUIRED,
    ARCHIVED,
    AVAILABLE,
    Run,
    Window,
)
from kafkacompat_protocol.errors import ErrorCode, KafkaError

GAP, ACCEPT, RELEASE, REJECT, RENEW = range(5)


def window() -> Window:
    made = Window(10)
    made.replace([Run(10, 19, ACQUIRED, 1, "m", 50), Run(20, 24, ACQUIRED, 4, "m", 60)])
    made.replace([Run(25, 27, ACQUIRED, 1, "other", 60), Run(28, 29, ACKNOWLEDGED, 1)])
    return made


@pytest.mark.parametrize(
    "batches",
    [
        [Ack(5, 4, [ACCEPT])],
        [Ack(-1, 2, [ACCEPT])],
        [Ack(5, 9, [])],
        [Ack(5, 9, [ACCEPT, ACCEPT])],
        [Ack(5, 9, [ACCEPT] * 6)],
        [Ack(5, 9, [5])],
        [Ack(5, 9, [-1])],
    ],
)
def test_batches_that_make_no_sense_are_refused(batches: list[Ack]) -> None:
    with pytest.raises(KafkaError) as caught:
        check(batches, may_renew=True)

    assert caught.value.code == ErrorCode.INVALID_REQUEST


def test_renewals_are_for_those_who_may() -> None:
    check([Ack(5, 9, [RENEW])], may_renew=True)
    with pytest.raises(KafkaError):
        check([Ack(5, 9, [RENEW])], may_renew=False)


def test_one_verdict_is_for_all_of_a_batch() -> None:
    changes, renewed = judge(window(), "m", [Ack(10, 19, [ACCEPT])], 5)

    assert (changes, renewed) == ([Run(10, 19, ACKNOWLEDGED, 1)], [])


def test_each_offset_may_have_its_own_verdict() -> None:
    verdicts = [ACCEPT, ACCEPT, REJECT, GAP, RELEASE, RENEW, RENEW, ACCEPT]

    changes, renewed = judge(window(), "m", [Ack(10, 17, verdicts)], 5)

    assert changes == [
        Run(10, 11, ACKNOWLEDGED, 1),
        Run(12, 12, ARCHIVED, 1),
        Run(13, 13, ARCHIVED, 1),
        Run(14, 14, AVAILABLE, 1),
        Run(17, 17, ACKNOWLEDGED, 1),
    ]
    assert renewed == [Run(15, 16, ACQUIRED, 1, "m", 50)]


def test_what_was_given_too_often_is_not_available_again() -> None:
    changes, _ = judge(window(), "m", [Ack(18, 21, [RELEASE])], 4)

    assert changes == [Run(18, 19, AVAILABLE, 1), Run(20, 21, ARCHIVED, 4)]
    assert released(Run(0, 1, ACQUIRED, 4, "m", 9), 5) == Run(0, 1, AVAILABLE, 4)


def test_offsets_before_the_window_are_passed_over() -> None:
    changes, _ = judge(window(), "m", [Ack(0, 3, [ACCEPT]), Ack(8, 11, [ACCEPT] * 4)], 5)

    assert changes == [Run(10, 11, ACKNOWLEDGED, 1)]


@pytest.mark.parametrize(
    ("batch", "code"),
    [
        (Ack(19, 25, [ACCEPT]), ErrorCode.INVALID_RECORD_STATE),  # the last is another's
        (Ack(28, 28, [ACCEPT]), ErrorCode.INVALID_RECORD_STATE),  # acknowledged already
        (Ack(28, 30, [ACCEPT]), ErrorCode.INVALID_REQUEST),  # never acquired
    ],
)
def test_only_what_a_member_has_can_be_acknowledged(batch: Ack, code: ErrorCode) -> None:
    with pytest.raises(KafkaError) as caught:
        judge(window(), "m", [Ack(10, 11, [ACCEPT]), batch], 5)

    assert caught.value.code == code


def test_batches_may_come_in_any_order_but_not_twice() -> None:
    changes, _ = judge(window(), "m", [Ack(12, 13, [REJECT]), Ack(10, 11, [ACCEPT])], 5)

    assert changes == [Run(10, 11, ACKNOWLEDGED, 1), Run(12, 13, ARCHIVED, 1)]
    with pytest.raises(KafkaError) as caught:
        judge(window(), "m", [Ack(10, 12, [ACCEPT]), Ack(12, 13, [ACCEPT])], 5)
    assert caught.value.code == ErrorCode.INVALID_RECORD_STATE

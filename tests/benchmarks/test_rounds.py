"""The order of rounds, and what happens where a broker fails."""

from dataclasses import dataclass, field

import pytest

from benchmarks import rounds
from benchmarks.brokers import Broker
from benchmarks.generator import LoadError, Measured, Topic
from benchmarks.report import BASE, OURS
from benchmarks.rounds import Plan, measure
from benchmarks.workloads import Figure, Load, Scale, Workload, synced, unsynced

FOREVER = float("inf")


@dataclass(frozen=True)
class Script:
    """A run that notes on which broker it is and returns the next of some results."""

    results: dict[str, list[float | LoadError]]
    calls: list[str] = field(default_factory=list)

    def on(self, broker: Broker, topic: Topic) -> Measured:
        self.calls.append(broker.name)
        found = self.results[broker.name].pop(0)
        if isinstance(found, LoadError):
            raise found
        return Measured(seconds=1, requests=found, records=found, broker_cpu_seconds=found / 1e6)


@pytest.fixture
def brokers(monkeypatch: pytest.MonkeyPatch) -> list[Broker]:
    """Two brokers on which topics need not be made."""
    monkeypatch.setattr(rounds.generator, "create", lambda *_: None)
    monkeypatch.setattr(rounds, "discard", lambda *_: None)
    return [Broker(name, ("127.0.0.1", 1), 1, 0.0) for name in (BASE, OURS)]


def workload(run: Script) -> Workload:
    return Workload("work", run, (Figure("req/s"),))


def test_brokers_alternate_and_the_first_round_is_thrown_away(brokers: list[Broker]) -> None:
    run = Script({BASE: [1, 10, 20], OURS: [2, 30, 40]})

    (row,) = measure(workload(run), brokers, Plan(2, FOREVER))

    assert run.calls == [BASE, OURS] * 3
    assert row.figures(BASE) == [10, 20]
    assert row.figures(OURS) == [30, 40]
    assert row.cpu_per_million(OURS) == 1.0


def test_a_broker_that_fails_has_a_note_and_the_other_goes_on(brokers: list[Broker]) -> None:
    run = Script({BASE: [1, 10, 20], OURS: [2, 30, LoadError("it hung up")]})

    (row,) = measure(workload(run), brokers, Plan(2, FOREVER))

    assert row.figures(BASE) == [10, 20]
    assert row.figures(OURS) == []
    assert row.notes == {OURS: "failed: it hung up"}


def test_late_in_a_run_there_is_one_round(brokers: list[Broker]) -> None:
    run = Script({BASE: [1, 10], OURS: [2, 30]})
    plan = Plan(3, hurry_at=0.0)

    (row,) = measure(workload(run), brokers, plan)

    assert row.figures(BASE) == [10]
    assert plan.is_hurried


def test_a_quick_run_counts_one_round(brokers: list[Broker]) -> None:
    run = Script({BASE: [1, 10], OURS: [2, 30]})

    (row,) = measure(workload(run), brokers, Plan(3, FOREVER, is_quick=True))

    assert row.figures(OURS) == [30]


def test_workloads_are_selected_by_a_part_of_their_rows_name() -> None:
    plan = Plan(1, FOREVER, only="lz4, fsync", suffix=", fsync")

    taken = Workload("produce 1 KB, lz4", Load(()), ())
    assert plan.takes(taken)
    assert not plan.takes(Workload("produce 1 KB", Load(()), ()))


@pytest.mark.parametrize("share", [1.0, 0.2])
def test_no_two_workloads_have_the_same_name(share: float) -> None:
    for declared in (unsynced(Scale(share)), synced(Scale(share))):
        names = [workload.name for workload in declared]
        assert len(set(names)) == len(names)

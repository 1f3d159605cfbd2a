"""Figures by row and broker: medians, spreads, ratios, whether targets are met, as Markdown."""

import statistics
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

BASE, OURS, OTHER, MACHINE = "Kafka", "kafkacompat", "tansu", "machine"
CLIENT_HAS_NO_IDLE_TIME = 0.9
CPU_WHERE_THE_CLIENT_LIMITS = 0.5
HEADER = (
    "| work | unit | Kafka | kafkacompat | ratio | target | met"
    " | CPU s / 1e6: Kafka, kafkacompat | client CPU | tansu |\n"
    "|---|---|--:|--:|--:|--:|---|--:|--:|--:|"
)


class Better(Enum):
    """Which way a figure is better; NEITHER marks a control."""

    MORE = "more"
    LESS = "less"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked: a ratio to Kafka, or a bound, at least or at most by the figure's direction.

    `client_may_limit`: where the client has no idle time, parity with at most half of Kafka's CPU
    counts as met too.
    """

    ratio: float | None = None
    bound: float | None = None
    client_may_limit: bool = True


@dataclass(frozen=True, slots=True)
class Sample:
    """One round's figure. CPU is seconds per million records; the share is of one core."""

    figure: float
    cpu_per_million: float | None = None
    client_share: float | None = None


@dataclass(slots=True)
class Row:
    """One row of the table: what each broker came to, round by round."""

    name: str
    unit: str
    better: Better
    target: Target | None = None
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def add(self, broker: str, sample: Sample) -> None:
        """Keep one round's figure."""
        self.samples.setdefault(broker, []).append(sample)

    def figures(self, broker: str) -> list[float]:
        """Return a broker's figures in the order of rounds."""
        return [sample.figure for sample in self.samples.get(broker, [])]

    def median(self, broker: str) -> float | None:
        """Return the median of a broker's figures, or None without any."""
        found = self.figures(broker)
        return statistics.median(found) if found else None

    def ratio(self, broker: str) -> float | None:
        """Return a broker's median divided by Kafka's, or None where one is missing or zero."""
        mine, base = self.median(broker), self.median(BASE)
        return mine / base if mine is not None and base else None

    def cpu_per_million(self, broker: str) -> float | None:
        """Return the median of the CPU-seconds a broker used for a million records."""
        samples = self.samples.get(broker, [])
        found = [s.cpu_per_million for s in samples if s.cpu_per_million is not None]
        return statistics.median(found) if found else None

    def client_share(self, broker: str) -> float | None:
        """Return the median of the client's share of one core while it loaded a broker."""
        samples = self.samples.get(broker, [])
        found = [s.client_share for s in samples if s.client_share is not None]
        return statistics.median(found) if found else None

    def is_met(self) -> bool | None:
        """Whether our broker meets the target; None without a target or without figures."""
        if self.target is None:
            return None
        if OURS in self.notes:
            return False
        mine = self.median(OURS)
        if mine is None:
            return None
        if self.target.bound is not None and not self._reaches(mine, self.target.bound):
            return False
        if self.target.ratio is None:
            return True
        ratio = self.ratio(OURS)
        if ratio is None:
            return None
        return self._reaches(ratio, self.target.ratio) or self.is_met_at_parity()

    def is_met_at_parity(self) -> bool:
        """Whether the client is the limit, and we are as fast for at most half of the CPU."""
        share, mine, base = self.client_share(OURS), self.median(OURS), self.median(BASE)
        cpu, base_cpu = self.cpu_per_million(OURS), self.cpu_per_million(BASE)
        if self.target is None or not self.target.client_may_limit or self.better is Better.LESS:
            return False
        if share is None or share < CLIENT_HAS_NO_IDLE_TIME or mine is None or base is None:
            return False
        if cpu is None or not base_cpu or cpu > CPU_WHERE_THE_CLIENT_LIMITS * base_cpu:
            return False
        return max(self.figures(OURS)) >= min(self.figures(BASE))

    def _reaches(self, value: float, asked: float) -> bool:
        return value >= asked if self.better is Better.MORE else value <= asked

    def markdown(self) -> str:
        """Return the row as a line of the table. A control belongs to the machine alone."""
        if self.better is Better.NEITHER:
            return f"| {self.name} | {self.unit} | {self._cell(MACHINE)} |" + " |" * 7
        ratio = self.ratio(OURS)
        cells = [self.name, self.unit, self._cell(BASE), self._cell(OURS), number(ratio)]
        cells += [self._target(), self._met()]
        cpu = [self.cpu_per_million(broker) for broker in (BASE, OURS)]
        cells.append(", ".join(number(c) for c in cpu) if any(cpu) else "")
        shares = [self.client_share(broker) for broker in (BASE, OURS)]
        cells.append(", ".join(percent(s) for s in shares) if any(shares) else "")
        cells.append(self._cell(OTHER))
        return f"| {' | '.join(cells)} |"

    def _cell(self, broker: str) -> str:
        """Return median and spread, or why there is none."""
        if broker in self.notes:
            return self.notes[broker].replace("|", "/")
        found = self.figures(broker)
        if not found:
            return ""
        middle = number(statistics.median(found))
        if len(found) == 1:
            return middle
        return f"{middle} ({number(min(found))} - {number(max(found))})"

    def _target(self) -> str:
        if self.target is None:
            return ""
        sign = "≥" if self.better is Better.MORE else "≤"
        parts = []
        if self.target.ratio is not None:
            parts.append(f"{sign} {number(self.target.ratio)}x")
        if self.target.bound is not None:
            parts.append(f"{sign} {number(self.target.bound)} {self.unit}")
        return ", ".join(parts)

    def _met(self) -> str:
        met = self.is_met()
        if met is None:
            return ""
        if not met:
            return "**no**"
        ratio, asked = self.ratio(OURS), self.target.ratio if self.target else None
        if ratio is None or asked is None or self._reaches(ratio, asked):
            return "yes"
        return "yes, client-limited"


def number(value: float | None) -> str:
    """Write a figure with about three digits that count; "-" for none."""
    if value is None:
        return "-"
    size = abs(value)
    if size >= 100 or value == 0:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 0.1 else f"{value:.1g}"


def percent(share: float | None) -> str:
    """Write a share of one core; "-" for none."""
    return "-" if share is None else f"{100 * share:.0f} %"


def table(rows: list[Row]) -> str:
    """Return the whole table."""
    return "\n".join([HEADER, *(row.markdown() for row in rows)])


def summary(rows: list[Row]) -> str:
    """Say in one paragraph how many targets are met, and name those that are not."""
    judged = [row for row in rows if row.is_met() is not None]
    missed = [row for row in judged if not row.is_met()]
    text = f"{len(judged) - len(missed)} of {len(judged)} targets met."
    if missed:
        text += " Missed: " + "; ".join(f"{row.name} ({row.unit})" for row in missed) + "."
    return text


def raw(rows: list[Row]) -> list[dict[str, Any]]:
    """Return everything as plain values for JSON."""
    return [asdict(row) | {"better": row.better.value} for row in rows]


def document(title: str, facts: dict[str, str], rows: list[Row], reading: str) -> str:
    """Return the page: facts about the run, the table, how to read it."""
    lines = [f"# {title}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in facts.items()]
    return "\n".join([*lines, "", summary(rows), "", table(rows), "", reading.strip(), ""])

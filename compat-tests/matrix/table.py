"""Results as a table for people, and as `docs/compatibility.md`."""

from collections.abc import Iterable, Sequence

from matrix.brokers import KAFKA, KAFKA_VERSION, OURS
from matrix.running import ROOT, Result

HEADINGS = ("client", "version", "broker", "passed", "failed", "skipped", "seconds")
REASON_SHOWN = 300

DOCUMENT = """\
# Compatibility

Written by `make compat-docs` from the last runs of `make compat` and `make compat BROKER=kafka`:
the same programs, tools and suites against this broker and against Apache Kafka {version} without
an authorizer. A cell is passed/failed/skipped cases, and the seconds the row took.

| client | language | version | kafkacompat | Apache Kafka |
|---|---|---|---|---|
"""


def text_table(results: Sequence[Result]) -> str:
    """Return results as aligned columns, with what failed below."""
    rows = [HEADINGS, *(_cells(result) for result in results)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADINGS))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    for result in results:
        lines += [
            f"\n{result.client} {result.version}: {case}\n{error}"
            for case, error in result.failed.items()
        ]
        if result.unavailable:
            lines.append(f"\n{result.client} {result.version} did not run: {result.unavailable}")
    return "\n".join(lines)


def _cells(result: Result) -> tuple[str, ...]:
    counts = [str(len(each)) for each in (result.passed, result.failed, result.skipped)]
    if result.unavailable:
        counts = ["-", "-", "-"]
    return (result.client, result.version, result.broker, *counts, f"{result.seconds:.0f}")


def document(results: Iterable[Result]) -> str:
    """Return the page of all results, a row for each client and version."""
    rows: dict[tuple[str, str], dict[str, Result]] = {}
    for result in results:
        rows.setdefault((result.client, result.version), {})[result.broker] = result
    text = DOCUMENT.format(version=KAFKA_VERSION)
    for (_, version), row in rows.items():
        any_of = next(iter(row.values()))
        cells = (_cell(row.get(OURS)), _cell(row.get(KAFKA)))
        text += f"| {any_of.title} | {any_of.language} | {version} | {' | '.join(cells)} |\n"
    return text + _notes(rows)


def _cell(result: Result | None) -> str:
    if result is None:
        return "not run"
    if result.unavailable:
        return "cannot run"
    counts = "/".join(str(len(each)) for each in (result.passed, result.failed, result.skipped))
    return f"{counts}, {result.seconds:.0f} s"


def _notes(rows: dict[tuple[str, str], dict[str, Result]]) -> str:
    """Return what is behind cells that are not all passed."""
    text = ""
    for heading, of in (
        ("What failed", lambda result: result.failed),
        ("What was left out, and why", lambda result: result.skipped),
    ):
        lines: dict[str, None] = {}
        for (_, version), row in rows.items():
            for broker, result in row.items():
                for case, why in of(result).items():
                    where = f"{result.title} {version}, {broker}"
                    lines[f"- {where}: {case}: {_one_line(why)}"] = None
        if lines:
            text += f"\n## {heading}\n\n" + "\n".join(lines) + "\n"
    reasons = {
        f"- {result.title} {version}: {_one_line(result.unavailable)}": None
        for (_, version), row in rows.items()
        for result in row.values()
        if result.unavailable
    }
    if reasons:
        text += "\n## What cannot run, and why\n\n" + "\n".join(reasons) + "\n"
    return text


def _one_line(text: str) -> str:
    return " ".join(text.replace(str(ROOT), "").split())[:REASON_SHOWN]

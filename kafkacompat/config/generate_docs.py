"""Write docs/configuration.md: every key with its type, default and meaning.

Run as `python -m kafkacompat.config.generate_docs` in the project's folder, or `make docs`.
"""

from pathlib import Path
from typing import Any

from kafkacompat.config import keys  # noqa: F401  (fills the table of rows)
from kafkacompat.config.rows import Key, Scope, Update, rows_of

TARGET = Path("docs/configuration.md")
HEAD = """\
# Configuration

Written by `make docs` from the rows in `kafkacompat/config/keys/`; do not edit by hand.

`kafkacompat start server.properties --override name=value -c name=value` takes the keys below:
the command line wins over the environment (`--env`), that over the file, and that over the
default. Keys and meanings are Apache Kafka's; those of our own begin with `kafkacompat.`.

A key marked **no effect** is accepted, checked and shown, but changes nothing so far. An unknown
key in a file is a warning, on the command line an error. A wrong value is always an error, and
nothing is touched then.
"""
INTRODUCTIONS = {
    Scope.BROKER: ("Broker keys", "Set in `server.properties` or on the command line."),
    Scope.TOPIC: (
        "Topic keys",
        "Set for each topic, when it is created. The broker key named in the last column gives"
        " the value of topics that do not set their own.",
    ),
    Scope.GROUP: ("Group keys", "Set for each group."),
    Scope.CLIENT_METRICS: ("Client metrics keys", "Set for each subscription to metrics."),
}
ENDLESS = (1 << 63) - 1


def render() -> str:
    """Return the text of the page."""
    parts = [HEAD]
    for scope, (title, introduction) in INTRODUCTIONS.items():
        rows = sorted(rows_of(scope).values(), key=lambda row: row.name)
        if rows:
            parts.append(f"\n## {title}\n\n{introduction}\n\n{_table(scope, rows)}")
    return "".join(parts)


def _table(scope: Scope, rows: list[Key[Any]]) -> str:
    last = "changes while running" if scope is Scope.BROKER else "broker key"
    head = f"| key | type | default | meaning | {last} |\n|---|---|---|---|---|\n"
    return head + "".join(_line(scope, row) for row in rows)


def _line(scope: Scope, row: Key[Any]) -> str:
    meaning = row.documentation + ("" if row.is_effective else " **No effect.**")
    if scope is Scope.BROKER:
        last = "no" if row.update is Update.READ_ONLY else row.update.value
    else:
        last = ", ".join(f"`{synonym.name}`" for synonym in row.synonyms) or "none"
    cells = (f"`{row.name}`", row.kind.type.name.lower(), _default(row), meaning, last)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _default(row: Key[Any]) -> str:
    text = row.text(row.default)
    if text is None:
        return "not set"
    if text == "":
        return "empty"
    return "the largest number" if row.default == ENDLESS else f"`{text}`"


def main() -> None:
    """Write the page."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(render())


if __name__ == "__main__":
    main()

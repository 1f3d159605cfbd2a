"""A key that is accepted takes effect or says that it does not."""

import re
from pathlib import Path

from kafkacompat.config import keys
from kafkacompat.config.rows import Key

PACKAGE = Path(__file__).parents[3] / "kafkacompat"


def test_a_key_takes_effect_exactly_if_something_reads_it() -> None:
    sources = [path for path in PACKAGE.rglob("*.py") if "config" not in path.parts]
    used = {
        name for path in sources for name in re.findall(r"\bkeys\.([A-Z0-9_]+)", path.read_text())
    }
    rows = {name: row for name, row in vars(keys).items() if isinstance(row, Key)}
    silent = [row.name for name, row in rows.items() if row.is_effective and name not in used]
    modest = [row.name for name, row in rows.items() if not row.is_effective and name in used]
    assert (silent, modest) == ([], [])

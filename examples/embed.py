"""Puts the examples into the pages that show them: run by `make docs`.

A block that begins with ```python file=PATH is replaced by that file.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"```(\w+) file=(\S+)\n.*?```", re.DOTALL)


def embed(page: Path) -> None:
    """Fill the blocks of one page."""
    filled = BLOCK.sub(
        lambda found: f"```{found[1]} file={found[2]}\n{(ROOT / found[2]).read_text()}```",
        page.read_text(),
    )
    page.write_text(filled)


if __name__ == "__main__":
    embed(ROOT / "docs" / "testing.md")

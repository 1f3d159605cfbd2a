"""Write `_index.py`: what each handler module of this folder answers.

Run as `python -m kafkacompat.handlers.generate_index`, or `make index`.
"""

import re
import sys
from importlib import import_module
from pathlib import Path

from kafkacompat_protocol.messages._index import MODULES as MESSAGES

FOLDER = Path(__file__).parent
HEAD = '''"""API key -> lowest and highest version, module, authorisation; by generate_index.py."""

HANDLERS: dict[int, tuple[int, int, str, str]] = {
'''


def render() -> str:
    """Return the text of the index."""
    lines = []
    for key, name in sorted(MESSAGES.items()):
        path = FOLDER / f"{name}.py"
        if not path.exists() or not re.search(r"^@handles\(", path.read_text(), re.MULTILINE):
            continue
        declared = getattr(import_module(f"kafkacompat.handlers.{name}"), name).declaration
        first, last = declared.versions.first, declared.versions.last
        lines.append(f'    {key}: ({first}, {last}, "{name}", "{declared.authorise}"),\n')
    return HEAD + "".join(lines) + "}\n"


def main() -> None:
    """Write the index, or an empty one first if there is none to import."""
    target = FOLDER / "_index.py"
    if not target.exists():
        target.write_text(HEAD + "}\n")
    target.write_text(render())
    sys.stdout.write(f"wrote {target.name}\n")


if __name__ == "__main__":
    main()

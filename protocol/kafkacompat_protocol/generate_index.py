"""Write the index module of each folder of messages.

Run it as `python -m kafkacompat_protocol.generate_index`, in the folder `protocol`.
An index maps a key to the module that declares it, so that a module is imported only when
its key is first seen. Nothing is edited by hand: a test compares the indexes with this output.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

from kafkacompat_protocol.schema import Schema, Struct

INDEXED = (
    "messages",
    "coordinator_records/group",
    "coordinator_records/transaction",
    "coordinator_records/share",
    "metadata_records",
)
FOLDERS = (*INDEXED, "embedded")
HERE = Path(__file__).parent

HEAD = '''"""Key -> module, of {folder}. Written by generate_index.py."""

MODULES: dict[int, str] = {{'''


def messages_of(module_name: str) -> list[Any]:
    """Return the classes marked `@message` that a module declares, in its order."""
    module = import_module(module_name)
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Struct)
        and value is not Struct
        and value.__module__ == module_name
        and value.__schema__.is_message
    ]


def modules_of(folder: str) -> list[str]:
    """Return the full names of the modules of a folder that may declare messages."""
    names = sorted(p.stem for p in (HERE / folder).glob("*.py") if not p.stem.startswith("_"))
    package = folder.replace("/", ".")
    return [f"kafkacompat_protocol.{package}.{name}" for name in names]


def all_messages() -> list[Any]:
    """Return every class marked `@message` in the folders of messages and records."""
    return [cls for folder in FOLDERS for name in modules_of(folder) for cls in messages_of(name)]


def index_source(folder: str) -> str:
    """Return the text of a folder's `_index.py`."""
    found: dict[int, str] = {}
    for name in modules_of(folder):
        for cls in messages_of(name):
            schema: Schema = cls.__schema__
            stem = name.rpartition(".")[2]
            if schema.key is not None and found.setdefault(schema.key, stem) != stem:
                raise ValueError(f"{folder}: key {schema.key} is in {found[schema.key]} and {stem}")
    rows = [f'\n    {key}: "{found[key]}",' for key in sorted(found)]
    end = "\n}\n" if rows else "}\n"
    return HEAD.format(folder=folder) + "".join(rows) + end


def main() -> None:
    """Write the indexes."""
    for folder in INDEXED:
        (HERE / folder / "_index.py").write_text(index_source(folder))


if __name__ == "__main__":
    main()

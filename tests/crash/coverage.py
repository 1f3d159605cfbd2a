"""Which lines of the sources do something to files, and which of them no story has reached."""

import ast
import re
from collections.abc import Iterable
from typing import Final

from tests.crash.recorder import ROOT, Site

CHANGING: Final = frozenset(
    {"write", "write_several", "write_file", "copy", "truncate", "open", "sync", "sync_directory"}
    | {"sync_filesystem", "rename", "unlink", "mkdir", "rmtree"}
)
FILES: Final = re.compile(r"(^|\.)_?(files|storage|file)$|\.open\(.*\)$|^(old|new|held)_files$")
"""What a receiver looks like that is a file, or the place of files."""
THEMSELVES: Final = (
    "files.py",
    "os_files.py",
    "memory_files.py",
    "os_lock.py",
    "memory_store.py",
    "repair.py",
)
"""Modules that are the files, keep nothing, or are run by hand on a stopped directory."""
SOURCES: Final = ("storage/kafkacompat_storage", "kafkacompat")

EXPLAINED: Final = {
    ("storage/kafkacompat_storage/staging_files.py", "truncate", "self.file.truncate(position)"): (
        "after a failed write only: tests/storage/test_staging_files.py"
    ),
    ("storage/kafkacompat_storage/moves.py", "rename", "self._files.rename(gone, old)"): (
        "after a failed rename only: tests/storage/test_moves.py"
    ),
    ("storage/kafkacompat_storage/syncing.py", "sync", "file.sync"): "handed to _failures",
    ("storage/kafkacompat_storage/disk_store.py", "rmtree", "self.files.rmtree"): "handed to Later",
    (
        "storage/kafkacompat_storage/index_files.py",
        "unlink",
        "self._files.unlink(self.paths()",
    ): "where an index lies, which no crash makes it do: tests/storage/test_segment.py",
    (
        "storage/kafkacompat_storage/compaction/swapping.py",
        "unlink",
        "self._folder.files.unlink(path)",
    ): "where the log has changed meanwhile: tests/storage/compaction/test_swapping.py",
    (
        "storage/kafkacompat_storage/compaction/work.py",
        "unlink",
        'files.unlink(f"{folder}/{name}")',
    ): "after a pass that failed: tests/storage/compaction/test_work.py",
    (
        "storage/kafkacompat_storage/recovery.py",
        "unlink",
        'files.unlink(f"{path}/{name}")',
    ): "an index of no segment, which only another program leaves: tests/storage/test_recovery.py",
}
"""Sites that no crash story reaches, and why."""


def sites() -> dict[Site, tuple[str, int]]:
    """Return all sites, with their text and last line."""
    found: dict[Site, tuple[str, int]] = {}
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            if path.name in THEMSELVES:
                continue
            module = str(path.relative_to(ROOT))
            for node in ast.walk(ast.parse(path.read_text())):
                if not (isinstance(node, ast.Attribute) and node.attr in CHANGING):
                    continue
                if FILES.search(ast.unparse(node.value)):
                    found[Site(module, node.lineno, node.attr)] = (
                        ast.unparse(node),
                        node.end_lineno or node.lineno,
                    )
    return _without_mere_reading(found)


def _without_mere_reading(found: dict[Site, tuple[str, int]]) -> dict[Site, tuple[str, int]]:
    """Leave out what opens a file that must be there: that changes nothing."""
    kept = {}
    for site, (text, last) in found.items():
        line = "".join((ROOT / site.module).read_text().splitlines()[site.line - 1 : last + 3])
        if site.operation != "open" or "create=True" in line.partition(")")[0]:
            kept[site] = (_call_text(site, text), last)
    return kept


def _call_text(site: Site, text: str) -> str:
    line = (ROOT / site.module).read_text().splitlines()[site.line - 1]
    at = line.find(text + "(")
    return line[at : line.find(")", at) + 1] if at >= 0 else text


def missing(reached: Iterable[Site]) -> list[str]:
    """Return the sites that were not reached and have no reason not to be."""
    reached = set(reached)
    told = []
    for site, (text, last) in sorted(sites().items()):
        lines = range(site.line, last + 1)
        if any(Site(site.module, line, site.operation) in reached for line in lines):
            continue
        if (site.module, site.operation, text) not in EXPLAINED:
            told.append(f"{site.module}:{site.line} {text}")
    return told

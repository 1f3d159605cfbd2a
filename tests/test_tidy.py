"""The rules of style that no other tool checks. CONTRIBUTING.md gives the reasons."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from kafkacompat.handlers import generate_index as handlers_index
from kafkacompat_protocol import generate_index as messages_index

ROOT = Path(__file__).resolve().parent.parent
MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 500
MAX_LINE = 100

SOURCES = {
    "protocol/kafkacompat_protocol": "tests/protocol",
    "storage/kafkacompat_storage": "tests/storage",
    "kafkacompat": "tests/kafkacompat",
}
"""Each package and the folder of its tests."""

CODE_FOLDERS = ("protocol", "storage", "kafkacompat", "tests", "compat-tests", "benchmarks")
SKIPPED = {"__pycache__", "data", "build", "dist", "target", "node_modules"}
TEXTS = {".py", ".md", ".toml", ".yaml", ".yml", ".sh", ".xml", ".java", ".properties", ""}

HANDLERS = ROOT / "kafkacompat" / "handlers"
MESSAGES = ROOT / "protocol" / "kafkacompat_protocol" / "messages"

NO_CLOCK_NO_NETWORK = (
    "protocol/kafkacompat_protocol",
    "storage/kafkacompat_storage",
    "kafkacompat/coordinator/groups",
    "kafkacompat/coordinator/outcome.py",
    "kafkacompat/coordinator/shard.py",
    "kafkacompat/partitions/fetch_sessions.py",
    "kafkacompat/metadata/image.py",
    "kafkacompat/metadata/commands.py",
)
"""What is sans-I/O (storage does I/O on files): time comes as an argument."""

SHELL_MODULES = {"asyncio", "socket", "time", "select", "selectors"}
MAY_READ_A_CLOCK = {
    "kafkacompat/clock.py",
    "kafkacompat/cli/process.py",
    "kafkacompat/embedded/waiting.py",
}
WAKE_UPS = {"call_later", "call_at", "wait_for", "timeout_at"}


def files(folders: tuple[str, ...], suffixes: set[str]) -> Iterator[Path]:
    """Yield the project's own files below some folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            parts = path.relative_to(ROOT).parts
            if any(part in SKIPPED or part.startswith(".") for part in parts):
                continue
            if path.is_file() and path.suffix in suffixes:
                yield path


def name_of(path: Path) -> str:
    """Return a path as rules and messages write it."""
    return path.relative_to(ROOT).as_posix()


CODE = {name_of(path): path for path in files(CODE_FOLDERS, {".py"})}
MODULES = {
    name: path
    for name, path in CODE.items()
    if name.startswith(tuple(f"{package}/" for package in SOURCES))
    and path.name not in ("__init__.py", "_index.py")
}


@cache
def tree(name: str) -> ast.Module:
    """Return a module as syntax."""
    return ast.parse((ROOT / name).read_text())


def functions(name: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("name", CODE)
def test_a_file_and_its_functions_are_short(name: str) -> None:
    lines = CODE[name].read_text().splitlines()
    assert len(lines) <= MAX_FILE_LINES
    assert not [number for number, line in enumerate(lines, 1) if len(line) > MAX_LINE]
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions(name)}
    too_long = {key: lines for key, lines in lengths.items() if lines > MAX_FUNCTION_LINES}
    assert too_long == {}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_a_module_of_tests(name: str) -> None:
    package = next(package for package in SOURCES if name.startswith(f"{package}/"))
    relative = Path(name).relative_to(package)
    expected = ROOT / SOURCES[package] / relative.parent / f"test_{relative.stem.strip('_')}.py"
    assert expected.exists(), f"write {name_of(expected)}"


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_first_what_it_is_for(name: str) -> None:
    first_line = (ast.get_docstring(tree(name)) or "").partition("\n")[0]
    assert re.search(r"[.:)]$", first_line)


def imported(name: str) -> set[str]:
    """Return the top-level modules that a module imports anywhere."""
    found = set()
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("name", [n for n in MODULES if n.startswith(NO_CLOCK_NO_NETWORK)])
def test_below_the_shells_nothing_knows_a_clock_or_a_network(name: str) -> None:
    assert imported(name) & SHELL_MODULES == set()


@pytest.mark.parametrize("name", MODULES)
def test_time_and_wake_ups_come_from_the_nodes_clock(name: str) -> None:
    if name in MAY_READ_A_CLOCK:
        return
    assert "time" not in imported(name)
    found = [node.lineno for node in ast.walk(tree(name)) if is_wake_up(node)]
    assert found == [], "use the node's clock and timers"


def is_wake_up(node: ast.AST) -> bool:
    """Whether a piece of syntax asks the system for time, or for a call later."""
    if not isinstance(node, ast.Attribute):
        return False
    owner = ast.unparse(node.value)
    if node.attr == "sleep":
        return owner in ("asyncio", "time")
    if node.attr == "time":
        return owner == "loop" or owner.endswith(("_loop", "loop()"))
    return node.attr in WAKE_UPS


def handler_of(path: Path) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """Return the function marked `@handles` of a module."""
    for node in functions(name_of(path)):
        if declaration_of(node) is not None:
            return node
    return None


def declaration_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.Call | None:
    for mark in node.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "handles":
            return mark
    return None


HANDLER_MODULES = {
    path.stem: path for path in sorted(HANDLERS.glob("*.py")) if handler_of(path) is not None
}


def last_version(call: ast.Call) -> int:
    """Return the highest version that a declaration names."""
    versions = next(word.value for word in call.keywords if word.arg == "versions")
    return int(ast.literal_eval(versions).rpartition("-")[2])


@pytest.mark.parametrize("name", HANDLER_MODULES)
def test_a_handler_declares_what_it_needs_and_has_a_message(name: str) -> None:
    handler = handler_of(HANDLER_MODULES[name])
    assert handler is not None
    assert handler.name == name
    call = declaration_of(handler)
    assert call is not None
    assert {"versions", "authorise"} <= {word.arg for word in call.keywords}
    assert (MESSAGES / f"{name}.py").exists()


@pytest.mark.parametrize("name", HANDLER_MODULES)
def test_a_handler_begins_with_its_key_and_what_its_versions_add(name: str) -> None:
    path = HANDLER_MODULES[name]
    handler = handler_of(path)
    call = declaration_of(handler) if handler is not None else None
    assert call is not None
    text = ast.get_docstring(tree(name_of(path))) or ""
    assert re.search(r"\(key \d+\)", text)
    assert last_version(call) == 0 or re.search(r"\bv\d+\b|\bversions\b", text, re.IGNORECASE)


@pytest.mark.parametrize("path", sorted(MESSAGES.glob("[!_]*.py")), ids=lambda path: path.stem)
def test_a_message_says_what_its_versions_add(path: Path) -> None:
    text = path.read_text()
    assert re.search(r"\(key \d+\)", ast.get_docstring(tree(name_of(path))) or "")
    lasts = [int(last) for last in re.findall(r'versions="\d+-(\d+)"', text)]
    assert max(lasts, default=0) == 0 or re.search(r"(?m)^(# |.*\b)v\d+\b", text)


def test_the_index_of_handlers_is_true() -> None:
    assert (HANDLERS / "_index.py").read_text() == handlers_index.render(), "run `make index`"


@pytest.mark.parametrize("folder", messages_index.INDEXED)
def test_the_indexes_of_messages_are_true(folder: str) -> None:
    written = (MESSAGES.parent / folder / "_index.py").read_text()
    assert written == messages_index.index_source(folder), "run `make index`"


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    places = re.compile("/(" + "|".join(["work", "root", "home/[a-z]+", "Users"]) + ")/")
    found = [
        f"{name_of(path)}: {line.strip()}"
        for path in [*files((*CODE_FOLDERS, "docs", "docker"), TEXTS), *top_level()]
        for line in path.read_text(errors="replace").splitlines()
        if places.search(line)
    ]
    assert found == []


def top_level() -> list[Path]:
    """Return the files of the project's own folder."""
    hidden = [path for path in ROOT.glob(".ci/*") if path.is_file()]
    return hidden + [path for path in ROOT.iterdir() if path.is_file() and path.suffix in TEXTS]

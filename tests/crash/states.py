"""What a power cut, or the death of a process, may leave of a list of file operations.

Nothing that was not synced is certain, and each file and each folder is on its own:

    dropped       what was written to a file since it was synced ends anywhere, or all of it is gone
    torn          it ends within a write, at a multiple of 512 bytes
    reordered     a later write is there and an earlier one is not, or some sectors of any of them
    zero-filled   the file is as long as it was, but sectors that were written are zeros
    names         any of the names that were made, changed or removed since the folder was synced
    kill          all of it is there; `kill torn`: but for the rest of the last write

The order of a folder's changes is kept for those that are there.
"""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Final, NamedTuple

from tests.crash.recorder import Operation

SECTOR: Final = 512
FEW_NAMES: Final = 3
"""Changes of a folder of which every subset is tried."""


class State(NamedTuple):
    """What is on a disk. `kind` is how it came about."""

    kind: str
    files: dict[str, bytes]
    folders: set[str]

    def digest(self) -> bytes:
        """Identify the content."""
        sums = hashlib.blake2b(digest_size=12)
        for path in sorted(self.files):
            sums.update(b"%d %s %d " % (len(path), path.encode(), len(self.files[path])))
            sums.update(self.files[path])
        for path in sorted(self.folders):
            sums.update(path.encode() + b"/")
        return sums.digest()


class Content(NamedTuple):
    """One way in which a file's unsynced changes may have ended."""

    kind: str
    content: bytes


@dataclass(slots=True)
class Names:
    """A folder: what is durable, and what was changed since."""

    durable: dict[str, int] = field(default_factory=dict)
    now: dict[str, int] = field(default_factory=dict)
    changes: list[Operation] = field(default_factory=list)

    def after(self, chosen: int) -> dict[str, int]:
        """Return the names if those changes are there whose bit is set."""
        names = dict(self.durable)
        for number, change in enumerate(self.changes):
            if chosen >> number & 1:
                _apply(names, change)
        return names


@dataclass(slots=True)
class Data:
    """A file: what is durable, and what was written since."""

    durable: bytes = b""
    now: bytes = b""
    changes: list[Operation] = field(default_factory=list)


def _apply(names: dict[str, int], change: Operation) -> None:
    if change.kind == "link":
        names[change.name] = change.inode
    elif change.kind == "unlink":
        names.pop(change.name, None)
    else:
        names.pop(change.name, None)
        names[change.new_name] = change.inode


def _written(content: bytes, change: Operation) -> bytes:
    if change.kind == "truncate":
        return content[: change.position].ljust(change.position, b"\0")
    at, piece = change.position, change.content
    return content[:at].ljust(at, b"\0") + piece + content[at + len(piece) :]


class Disk:
    """A disk that operations arrive at, one after the other."""

    def __init__(self) -> None:
        self.folders: dict[int, Names] = {0: Names()}
        self.files: dict[int, Data] = {}
        self.last: Operation | None = None

    def do(self, operation: Operation) -> None:
        """Take in the next operation."""
        self.last = operation
        kind = operation.kind
        if kind in ("write", "truncate"):
            data = self.files[operation.inode]
            data.changes.append(operation)
            data.now = _written(data.now, operation)
        elif kind in ("link", "unlink", "rename"):
            self._change_names(operation)
        elif kind == "sync":
            _settle_data(self.files[operation.inode])
        elif kind == "sync_names":
            _settle_names(self.folders[operation.folder])
        else:
            for data in self.files.values():
                _settle_data(data)
            for names in self.folders.values():
                _settle_names(names)

    def _change_names(self, operation: Operation) -> None:
        names = self.folders[operation.folder]
        if operation.kind == "link":
            if operation.is_folder:
                self.folders.setdefault(operation.inode, Names())
            else:
                self.files.setdefault(operation.inode, Data())
        elif operation.kind == "rename":
            operation = operation._replace(inode=names.now[operation.name])
        _apply(names.now, operation)
        names.changes.append(operation)

    # --- what may be left

    def killed(self) -> Iterator[State]:
        """Yield what the death of the process leaves."""
        yield self._state("kill", {}, {})
        last = self.last
        if last is not None and last.kind == "write" and len(last.content) > SECTOR:
            whole = self.files[last.inode]
            before = whole.durable
            for change in whole.changes[:-1]:
                before = _written(before, change)
            cut = last.position + len(last.content) // 2
            torn = _written(before, last._replace(content=last.content[: cut - last.position]))
            yield self._state("kill torn", {last.inode: torn}, {})

    def after_power_cut(self, count: int, chance: random.Random) -> Iterator[State]:
        """Yield what a power cut may leave: all of it if that is few, else `count` of them."""
        files = {inode: data for inode, data in self.files.items() if data.changes}
        folders = {inode: names for inode, names in self.folders.items() if names.changes}
        contents = {inode: contents_of(data, chance) for inode, data in files.items()}
        subsets = {
            inode: subsets_of(len(names.changes), chance) for inode, names in folders.items()
        }
        total = 1
        for choices in (*contents.values(), *subsets.values()):
            total *= len(choices)
        if total <= count:
            for chosen in product(*contents.values(), *subsets.values()):
                yield self._power(
                    dict(zip(contents, chosen, strict=False)),
                    dict(zip(subsets, chosen[len(contents) :], strict=True)),
                )
            return
        yield from self._corners(contents, subsets, count // 2, chance)
        for _ in range(count - count // 2):
            yield self._power(
                {inode: chance.choice(choices) for inode, choices in contents.items()},
                {inode: chance.choice(choices) for inode, choices in subsets.items()},
            )

    def _corners(
        self,
        contents: dict[int, list[Content]],
        subsets: dict[int, list[int]],
        count: int,
        chance: random.Random,
    ) -> Iterator[State]:
        """Yield nothing and everything, then both with one file or folder otherwise."""
        nothing = {inode: choices[0] for inode, choices in contents.items()}
        everything = {inode: choices[1] for inode, choices in contents.items()}
        no_names = dict.fromkeys(subsets, 0)
        all_names = {inode: choices[1] for inode, choices in subsets.items()}
        yield self._power(nothing, no_names)
        yield self._power(everything, all_names)
        yield self._power(nothing, all_names)
        single: list[tuple[dict[int, Content], dict[int, int]]] = []
        for inode, choices in contents.items():
            for choice in choices:
                single.append(({**everything, inode: choice}, all_names))
                single.append(({**nothing, inode: choice}, all_names))
        for inode, subset in subsets.items():
            for chosen in subset:
                single.append((everything, {**all_names, inode: chosen}))
                single.append((nothing, {**no_names, inode: chosen}))
        chance.shuffle(single)
        for content, names in single[: max(0, count - 3)]:
            yield self._power(content, names)

    def _power(self, contents: dict[int, Content], names: dict[int, int]) -> State:
        kinds = {choice.kind for choice in contents.values()}
        for inode, chosen in names.items():
            if chosen not in (0, (1 << len(self.folders[inode].changes)) - 1):
                kinds.add("names")
        kind = next((each for each in KINDS if each in kinds), "dropped")
        chosen = {inode: choice.content for inode, choice in contents.items()}
        return self._state(kind, chosen, names)

    def _state(self, kind: str, contents: dict[int, bytes], names: dict[int, int]) -> State:
        """Put it together. Of folders not in `names`, and files not in `contents`, all is there."""
        files: dict[str, bytes] = {}
        folders: set[str] = set()

        def walk(path: str, inode: int) -> None:
            folder = self.folders[inode]
            there = folder.after(names[inode]) if inode in names else folder.now
            for name, below in there.items():
                if below in self.folders:
                    folders.add(f"{path}/{name}")
                    walk(f"{path}/{name}", below)
                else:
                    kept = contents.get(below)
                    files[f"{path}/{name}"] = self.files[below].now if kept is None else kept

        walk("", 0)
        return State(kind, files, folders)


KINDS: Final = ("reordered", "zero-filled", "torn", "names", "dropped")
ALL_KINDS: Final = ("kill", "kill torn", *KINDS)


def _settle_data(data: Data) -> None:
    data.durable = data.now
    data.changes.clear()


def _settle_names(names: Names) -> None:
    names.durable = dict(names.now)
    names.changes.clear()


def subsets_of(count: int, chance: random.Random) -> list[int]:
    """Return which of some changes may be there: none, all, and others, as bits."""
    everything = (1 << count) - 1
    if count <= FEW_NAMES:
        return [0, everything, *range(1, everything)]
    found = {(1 << number) - 1 for number in range(count)}
    for number in range(count):
        found |= {1 << number, everything ^ (1 << number)}
    found |= {chance.getrandbits(count) for _ in range(count)}
    return [0, everything, *sorted(found - {0, everything})]


def contents_of(data: Data, chance: random.Random) -> list[Content]:
    """Return what may be in a file: nothing of what is not synced, all of it, and others."""
    found = [Content("dropped", data.durable), Content("dropped", data.now)]
    before = data.durable
    size = len(data.now)
    for number, change in enumerate(data.changes):
        after = _written(before, change)
        if number + 1 < len(data.changes):
            found.append(Content("dropped", after))
        if change.kind == "write":
            found += _torn(before, change, chance)
        if number and data.changes[0].kind == "write":
            found.append(Content("reordered", _without(data, chance.randrange(number))))
        if len(before) < size:
            found.append(Content("zero-filled", before.ljust(size, b"\0")))
        before = after
    if data.changes:
        found += [Content("reordered", _some_sectors(data, chance)) for _ in range(2)]
    return found


def _torn(before: bytes, change: Operation, chance: random.Random) -> list[Content]:
    first = change.position // SECTOR + 1
    cuts = range(first * SECTOR - change.position, len(change.content), SECTOR)
    if not cuts:
        return []
    cut = chance.choice(cuts)
    return [Content("torn", _written(before, change._replace(content=change.content[:cut])))]


def _without(data: Data, gone: int) -> bytes:
    """Return the content if one change did not reach the disk, and those after it did."""
    content = data.durable
    for number, change in enumerate(data.changes):
        if number != gone:
            content = _written(content, change)
    return content


def _some_sectors(data: Data, chance: random.Random) -> bytes:
    """Return old and new sectors, mixed; a new one that is not there is zeros."""
    size = max(len(data.now), chance.choice((len(data.now), len(data.durable))))
    old, new = data.durable.ljust(size, b"\0"), data.now.ljust(size, b"\0")
    content = b"".join(chance.choice((old, new))[at : at + SECTOR] for at in range(0, size, SECTOR))
    return content[: len(data.now)] if len(data.now) >= len(data.durable) else content

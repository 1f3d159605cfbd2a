"""Repair what an examination of a stopped log directory found. All that is removed is kept."""

from collections.abc import Iterable

from . import names
from .checkpoint import decode_offsets, encode_offsets, replace_file
from .examination import ACCEPT_GAP, CUT, SET_ASIDE, Finding
from .files import Files
from .names import TopicPartition

QUARANTINED = ".quarantined"


def repair(files: Files, log_dir: str, findings: Iterable[Finding]) -> list[str]:
    """Repair what can be, and return what was done. Blocks. Errors: OSError.

    The next start checks every batch of the partitions that were repaired.
    """
    done: list[str] = []
    changed: set[TopicPartition] = set()
    by_log: dict[str, list[Finding]] = {}
    for finding in findings:
        if not finding.repair:
            continue
        place = names.parse_partition_folder(finding.partition)
        changed |= {place} if place is not None else set()
        if finding.repair == CUT:
            by_log.setdefault(finding.path, []).append(finding)
        elif finding.repair == SET_ASIDE:
            kept = _free_name(files, finding.path)
            files.rename(finding.path, kept)
            files.sync_directory(finding.path.rpartition("/")[0])
            done.append(f"{finding.path}: set aside as {kept}")
        elif finding.repair == ACCEPT_GAP:
            done.append(f"{finding.path}: offsets {finding.offsets} are taken for gone")
        else:
            done.append(f"{finding.path}: offsets {finding.offsets} are not missed any more")
    for path, parts in by_log.items():
        done += _take_out(files, path, parts)
    if changed:
        _note(files, log_dir, changed)
    return done


def _free_name(files: Files, path: str) -> str:
    name, number = path + QUARANTINED, 1
    while files.exists(name):
        name, number = f"{path}{QUARANTINED}.{number}", number + 1
    return name


def _take_out(files: Files, path: str, parts: list[Finding]) -> list[str]:
    """Write a log anew without some of its bytes, which are kept beside it."""
    file = files.open(path)
    content = file.read(0, file.size())
    file.close()
    folder = path.rpartition("/")[0]
    done: list[str] = []
    whole, at = bytearray(), 0
    for part in sorted(parts, key=lambda part: part.position):
        kept = _free_name(files, f"{path}.{part.position}")
        files.write_file(kept, content[part.position : part.end], sync=True)
        done.append(f"{path}: bytes {part.position}-{part.end - 1} are kept as {kept}")
        whole += content[at : part.position]
        at = part.end
    whole += content[at:]
    files.sync_directory(folder)
    replace_file(files, path, bytes(whole))
    for suffix in (names.OFFSET_INDEX, names.TIME_INDEX):
        files.unlink(path.removesuffix(names.LOG) + suffix)
    return done


def _note(files: Files, log_dir: str, changed: set[TopicPartition]) -> None:
    """Have the next start check the partitions, and not miss offsets that are gone."""
    path = f"{log_dir}/{names.CLEANER_CHECKPOINT}"
    cleaned = decode_offsets(files.read_file(path))
    for place in changed:
        cleaned.setdefault(place, 0)
    replace_file(files, path, encode_offsets(cleaned))
    path = f"{log_dir}/{names.RECOVERY_POINT_CHECKPOINT}"
    points = decode_offsets(files.read_file(path))
    replace_file(files, path, encode_offsets({k: v for k, v in points.items() if k not in changed}))
    files.unlink(f"{log_dir}/{names.CLEAN_SHUTDOWN}")
    files.sync_directory(log_dir)

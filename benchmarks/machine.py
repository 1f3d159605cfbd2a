"""What this machine is, how fast it hands out memory, and when its disk is calm."""

import mmap
import os
import platform
import resource
import subprocess
import time
from pathlib import Path

MEGABYTE = 1_000_000
FRESH_BYTES = 64 << 20
CALM_KB = 32 << 10
CALM_WITHIN_S = 10.0


def fresh_memory_mb_s() -> float:
    """Touch 64 MiB of memory that this process never had; return MB/s."""
    with mmap.mmap(-1, FRESH_BYTES) as area:
        start = time.perf_counter()
        for at in range(0, FRESH_BYTES, mmap.PAGESIZE):
            area[at] = 1
        return FRESH_BYTES / MEGABYTE / (time.perf_counter() - start)


def calm_disk() -> None:
    """Write out what is dirty, and wait until little is, for at most 10 seconds."""
    os.sync()
    give_up = time.monotonic() + CALM_WITHIN_S
    while dirty_kb() > CALM_KB and time.monotonic() < give_up:
        time.sleep(0.1)


def dirty_kb() -> int:
    """Return how much the page cache holds that is not on the disk."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    found = (line.split() for line in lines)
    return sum(int(words[1]) for words in found if words[0] in ("Dirty:", "Writeback:"))


def raise_file_limit() -> int:
    """Let this process and its children open as many files as is allowed; return how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def children_cpu_seconds() -> float:
    """Return the CPU time of the children that have ended so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def file_system(folder: Path) -> str:
    """Return the type of the file system that holds a folder, or "unknown"."""
    best, kind = "", "unknown"
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, where, found, *_ = line.split()
        inside = str(folder) == where or str(folder).startswith(where.rstrip("/") + "/")
        if inside and len(where) >= len(best):
            best, kind = where, found
    return kind


def processor() -> str:
    """Return the name of the processor."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory_gb() -> float:
    """Return the machine's memory."""
    line = next(
        line
        for line in Path("/proc/meminfo").read_text().splitlines()
        if line.startswith("MemTotal")
    )
    return int(line.split()[1]) * 1024 / 1e9


def first_line_of(*command: str) -> str:
    """Return the first line a command prints, or "not found"."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "not found"
    return (done.stdout or done.stderr).partition("\n")[0].strip()


def describe(folder: Path, source: Path) -> dict[str, str]:
    """Return what to know about where figures come from; `folder` is where the data lies."""
    return {
        "Processor": f"{processor()}, {os.cpu_count()} cores",
        "Memory": f"{memory_gb():.1f} GB",
        "Kernel": platform.platform(),
        "File system": file_system(folder),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "Java": first_line_of("java", "-version"),
        "Rust": first_line_of("rustc", "--version"),
        "Commit": first_line_of("git", "-C", str(source), "describe", "--always", "--dirty"),
        "Date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }

"""What kcat can do, against any broker: the commands that its manual shows."""

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from python_cases import BOOTSTRAP, PATIENCE_S, end, equal, run


def kcat(*arguments: str, stdin: str = "", fails: bool = False) -> str:
    """Run kcat and return what it printed."""
    done = subprocess.run(
        ["kcat", "-b", BOOTSTRAP, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    if bool(done.returncode) != fails:
        raise AssertionError(f"kcat {arguments} ended with {done.returncode}: {done.stderr}")
    return done.stdout + (done.stderr if fails else "")


def read(topic: str, *arguments: str) -> list[str]:
    return kcat("-C", "-t", topic, "-e", "-q", *arguments).splitlines()


def lines_come_back(codec: str) -> None:
    sent = [f"key{n}:value {n} " * 20 for n in range(50)]
    kcat("-P", "-t", codec, "-K", ":", "-z", codec, "-H", "a=b", stdin="\n".join(sent) + "\n")
    expected = [
        f"{at} {line.split(':', 1)[0]}|{line.split(':', 1)[1]}|a=b" for at, line in enumerate(sent)
    ]
    equal(read(codec, "-f", "%o %k|%s|%h\n"), expected)


def offsets() -> None:
    kcat("-P", "-t", "offsets", stdin="a\nb\nc\nd\n")
    equal(read("offsets", "-o", "2"), ["c", "d"])
    equal(read("offsets", "-o", "-1"), ["d"])
    equal(read("offsets", "-o", "beginning", "-c", "1"), ["a"])
    equal(read("offsets", "-o", "s@0", "-o", "e@1"), [])
    for timestamp, offset in ((-1, 4), (-2, 0)):
        equal(kcat("-Q", "-t", f"offsets:0:{timestamp}"), f"offsets [0] offset {offset}\n")


def metadata() -> None:
    kcat("-P", "-t", "listed", stdin="a\n")
    found = json.loads(kcat("-L", "-J"))
    equal([broker["id"] for broker in found["brokers"]], [1])
    partitions = {topic["topic"]: topic["partitions"] for topic in found["topics"]}
    equal(
        partitions["listed"],
        [{"partition": 0, "leader": 1, "replicas": [{"id": 1}], "isrs": [{"id": 1}]}],
    )


def groups() -> None:
    kcat("-P", "-t", "grouped", stdin="a\nb\n")
    settings = ["-X", "auto.offset.reset=earliest", "-X", "session.timeout.ms=6000", "-q"]
    found = kcat("-G", "kcat", *settings, "-c", "2", "grouped").splitlines()
    equal(found, ["a", "b"])
    kcat("-P", "-t", "grouped", stdin="c\n")
    equal(kcat("-G", "kcat", *settings, "-c", "1", "grouped").splitlines(), ["c"])


def transactions() -> None:
    kcat("-P", "-t", "transactions", "-X", "transactional.id=kcat", stdin="a\nb\n")
    equal(read("transactions", "-X", "isolation.level=read_committed"), ["a", "b"])


def nulls_and_json() -> None:
    kcat("-P", "-t", "nulls", "-Z", "-K", ":", stdin="k:\n")
    (found,) = map(json.loads, read("nulls", "-J"))
    equal(
        [found[name] for name in ("topic", "partition", "offset", "key", "payload")],
        ["nulls", 0, 0, "k", None],
    )


def too_large() -> None:
    text = kcat(
        "-P",
        "-t",
        "large",
        "-X",
        "message.max.bytes=8000000",
        stdin="x" * (4 << 20) + "\n",
        fails=True,
    )
    equal("Message size too large" in text, True, text)


for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
    run(f"lines come back, {codec}", lambda codec=codec: lines_come_back(codec))
for case in (offsets, metadata, groups, transactions, nulls_and_json, too_large):
    run(case.__name__.replace("_", " "), case)
end()

"""Write docs/admin-client.md: what both brokers answer to AdminClient, and to bad requests.

The first table is of the last `make compat CLIENT=java@4.3.1 BROKER=both`; for the second both
brokers are started here. With `--expect`, what Kafka answered to AdminClient becomes what the
cases expect.
"""

import json
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / part) for part in ("", "compat-tests", "protocol", "storage")]

from bad_answers import DIFFERENCES, SETTINGS, told  # noqa: E402
from matrix.__main__ import RESULTS  # noqa: E402
from matrix.brokers import KAFKA, KAFKA_VERSION, KINDS, OURS, running_broker  # noqa: E402

PAGE = ROOT / "docs" / "admin-client.md"
EXPECTED = HERE / "admin-methods.properties"
PREFIX = "admin method: "
TEXT = """\
# AdminClient, and bad requests

Written by `python compat-tests/java/admin_table.py` from runs against this broker and against
Apache Kafka {version}, one node each, without an authorizer.

## Methods of AdminClient

Every public method of `org.apache.kafka.clients.admin.Admin` {version}: `ok`, or the class of the
error. A program that forgets one fails. What one node cannot serve (a broker or a voter that is not
there, ACLs without an authorizer, tokens without security) is called all the same. Streams groups
(KIP-1071) are not built here: their offsets are those of any group, describing them is refused.

| method | kafkacompat | Apache Kafka |
|---|---|---|
{methods}
## Bad requests

The newest version of each request. `NONE` is an answer without an error; several codes are of
several items. Where they differ, the last column says why.

| request | what is wrong | kafkacompat | Apache Kafka | why |
|---|---|---|---|---|
{requests}"""


def main() -> None:
    """Write the page, or what is expected."""
    answers = {kind: _methods(kind) for kind in KINDS}
    if sys.argv[1:] == ["--expect"]:
        lines = [f"{method}={answer}\n" for method, answer in sorted(answers[KAFKA].items())]
        head = f"# What Apache Kafka {KAFKA_VERSION} answers; written by admin_table.py --expect\n"
        EXPECTED.write_text(head + "".join(lines))
        return
    methods = "".join(
        f"| {method} | {answers[OURS].get(method, 'not run')} | {answer} |\n"
        for method, answer in sorted(answers[KAFKA].items())
    )
    page = TEXT.format(version=KAFKA_VERSION, methods=methods, requests=_requests())
    PAGE.write_text(page)
    print(f"wrote {PAGE.relative_to(ROOT)}")


def _methods(kind: str) -> dict[str, str]:
    path = RESULTS / f"java-{KAFKA_VERSION}-{kind}.json"
    if not path.exists():
        sys.exit(f"first run: make compat CLIENT=java@{KAFKA_VERSION} BROKER=both")
    answers = json.loads(path.read_text())["answers"]
    return {name.removeprefix(PREFIX): answer for name, answer in answers.items()}


def _requests() -> str:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for kind in KINDS:
        with (
            tempfile.TemporaryDirectory(prefix="compat-") as folder,
            running_broker(kind, Path(folder) / "data", SETTINGS) as broker,
        ):
            host, _, port = broker.bootstrap.rpartition(":")
            for asked, codes, _ in told((host, int(port))):
                found.setdefault((asked.api, asked.what), {})[kind] = codes
    rows = ""
    for (api, what), codes in found.items():
        ours, theirs = codes[OURS], codes[KAFKA]
        why = DIFFERENCES.get((api, what), "") if ours != theirs else ""
        assert ours == theirs or why, f"{api}, {what}: {ours} here, {theirs} there, and no reason"
        rows += f"| {api} | {what} | {ours} | {theirs} | {why} |\n"
    return rows


if __name__ == "__main__":
    main()

"""Run clients of others against a broker: `python -m matrix --client franz_go --broker kafka`.

Every row gets a fresh broker process. The exit code is 1 if a case failed or a row could not run
that its manifest does not excuse.
"""

import argparse
import json
import sys

from matrix.brokers import KINDS, OURS
from matrix.manifest import CACHE, Client, ManifestError, client, clients
from matrix.running import ROOT, Result, run
from matrix.table import document, text_table

RESULTS = CACHE / "results"
PAGE = ROOT / "docs" / "compatibility.md"


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description="Run clients of others against a broker.")
    parser.add_argument("--client", action="append", help="a folder, or folder@version")
    parser.add_argument("--broker", choices=[*KINDS, "both"], default=OURS)
    parser.add_argument("--write", action="store_true", help="write docs/compatibility.md")
    asked = parser.parse_args()
    if asked.write:
        PAGE.write_text(document(_kept()))
        print(f"wrote {PAGE.relative_to(ROOT)}")
        return
    try:
        rows = [row for name in asked.client or [None] for row in _rows(name)]
    except ManifestError as error:
        sys.exit(str(error))
    kinds = KINDS if asked.broker == "both" else [asked.broker]
    results = [_run(who, version, kind) for who, version in rows for kind in kinds]
    print(text_table(results))
    excused = {(who.name, version) for who, version in rows if version in who.unavailable}
    bad = [
        result
        for result in results
        if result.failed or (result.unavailable and (result.client, result.version) not in excused)
    ]
    sys.exit(1 if bad else 0)


def _rows(name: str | None) -> list[tuple[Client, str]]:
    if name is None:
        chosen = list(clients())
        return [(who, version) for who in chosen for version in who.versions]
    folder, _, version = name.partition("@")
    who = client(folder)
    return [(who, each) for each in who.versions if version in ("", each)]


def _run(who: Client, version: str, kind: str) -> Result:
    print(f"{who.name} {version} against {kind} ...", file=sys.stderr, flush=True)
    result = run(who, version, kind)
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{who.name}-{version}-{kind}.json"
    path.write_text(json.dumps(result.as_json(), indent=1))
    said = result.unavailable or f"{len(result.passed)} passed, {len(result.failed)} failed"
    print(f"  {said.splitlines()[0]} ({result.seconds:.0f} s)", file=sys.stderr, flush=True)
    return result


def _kept() -> list[Result]:
    """Return what the last runs of the rows that exist left."""
    found = []
    for who, version in _rows(None):
        for kind in KINDS:
            path = RESULTS / f"{who.name}-{version}-{kind}.json"
            if path.exists():
                found.append(Result(**json.loads(path.read_text())))
    return found


if __name__ == "__main__":
    main()

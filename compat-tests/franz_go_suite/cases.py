"""Run the tests of franz-go's client, as they are, against the broker in BOOTSTRAP.

In franz-go's own CI they run against a Kafka in a container; here only the address is another, and
the number of records is a tenth.
"""

import json
import os
import re
import subprocess
import sys

RECORDS = 50_000
REASON = re.compile(r"^ +\w+_test\.go:\d+: (.*)")
RESULT = re.compile(r"^--- (PASS|FAIL|SKIP): (\S+) \(")


def main() -> None:
    """Print a line for each test."""
    binary, folder = sys.argv[1:]
    environment = os.environ | {
        "KGO_SEEDS": os.environ["BOOTSTRAP"],
        "KGO_TEST_RF": "1",
        "KGO_TEST_RECORDS": str(RECORDS),
    }
    count, said = 0, []
    with subprocess.Popen(
        [binary, "-test.v", "-test.timeout=14m"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said = [*said[-200:], line]
            if (found := RESULT.match(line)) is None:
                continue
            outcome, name = found.groups()
            told: dict[str, object] = {"case": name, "error": None}
            if outcome == "SKIP":
                reasons = [found[1] for each in said if (found := REASON.match(each))]
                told["skipped"] = reasons[-1] if reasons else "no reason given"
            elif outcome == "FAIL":
                told["error"] = "".join(said[-40:])
            print("\n" + json.dumps(told), flush=True)
            count += 1
    if process.returncode not in (0, 1):
        print("".join(said), file=sys.stderr)
    print("\n" + json.dumps({"end": count}))


if __name__ == "__main__":
    main()

"""Run the integration tests in the sources of kafka-python against the broker in BOOTSTRAP."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

MODULES_LEFT_OUT = {
    "test_sasl_integration.py": "needs SASL",
    "test_ssl_integration.py": "needs TLS",
}
TESTS_LEFT_OUT = {"test_create_describe_delete_acls": "needs an authorizer"}
LEFT_OUT = MODULES_LEFT_OUT | TESTS_LEFT_OUT


def main() -> None:
    """Print a line for each test, and for the modules that are left out."""
    sources = Path(sys.argv[1])
    report = Path(os.environ["SCRATCH"]) / "report.xml"
    environment = os.environ | {
        "KAFKA_URI": f"kafka://{os.environ['BOOTSTRAP']}",
        "KAFKA_ROOT": str(sources),
        "KAFKA_VERSION": "4.3.1",
        "PYTHONPATH": str(sources),
    }
    ignored = [f"--ignore=test/integration/{name}" for name in MODULES_LEFT_OUT]
    ignored += ["-k", " and ".join(f"not {name}" for name in TESTS_LEFT_OUT)]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *ignored]
    command += [f"--junitxml={report}", "test/integration"]
    subprocess.run(command, cwd=sources, env=environment, check=False)
    count = len(LEFT_OUT)
    for name, why in LEFT_OUT.items():
        print("\n" + json.dumps({"case": name, "skipped": why}))
    for case in ElementTree.parse(report).iter("testcase"):
        line: dict[str, object] = {"case": case.get("name"), "error": None}
        wrong = [child for child in case if child.tag in ("failure", "error")]
        skipped = case.find("skipped")
        if skipped is not None:
            line["skipped"] = skipped.get("message")
        elif wrong:
            line["error"] = f"{wrong[0].get('message')}\n{(wrong[0].text or '')[-1500:]}"
        print("\n" + json.dumps(line))
        count += 1
    print("\n" + json.dumps({"end": count}))


if __name__ == "__main__":
    main()

"""What runs the clients of others: manifests, the lines of a program, tables."""

from pathlib import Path

import pytest
from matrix.brokers import KAFKA, OURS
from matrix.manifest import Client, clients
from matrix.running import Result, run
from matrix.table import document, text_table


def script(folder: Path, text: str, **fields: object) -> Client:
    """Return a client that is a shell script."""
    path = folder / "script"
    path.write_text(text)
    return Client(  # type: ignore[arg-type]
        name="matrix", language="sh", versions=["1"], run=["sh", str(path)], **fields
    )


def test_every_manifest_makes_sense() -> None:
    found = {each.name: each for each in clients()}
    assert {"java", "kafka_tools", "franz_go", "kafkajs"} <= found.keys()
    for each in found.values():
        assert each.versions
        assert set(each.unavailable) <= set(each.versions)


def test_a_programs_lines_become_a_result(tmp_path: Path) -> None:
    lines = ['{"case": "a", "error": null}', "noise", '{"case": "b", "error": "wrong"}']
    lines += ['{"case": "c", "skipped": "why"}', '{"end": 3}']
    result = run(script(tmp_path, "\n".join(f"echo '{line}'" for line in lines)), "1", OURS)
    assert (result.passed, result.failed, result.skipped) == (["a"], {"b": "wrong"}, {"c": "why"})


@pytest.mark.parametrize("end", ["", """echo '{"end": 2}'"""])
def test_a_program_that_dies_early_has_failed(tmp_path: Path, end: str) -> None:
    result = run(script(tmp_path, """echo '{"case": "a", "error": null}'\n""" + end), "1", OURS)
    assert list(result.failed) == ["(the program)"]


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    result = run(script(tmp_path, "sleep 100", deadline_s=1), "1", OURS)
    assert "not done within 1 s" in result.failed["(the program)"]


def test_what_cannot_run_says_why(tmp_path: Path) -> None:
    missing = run(script(tmp_path, "true", needs=["no-such-command"]), "1", OURS)
    assert missing.unavailable == "not installed: no-such-command"
    assert (
        run(script(tmp_path, "true", unavailable={"1": "a reason"}), "1", OURS).unavailable
        == "a reason"
    )


def test_tables_show_both_brokers_and_what_failed() -> None:
    ours = Result("c", "A client", "Go", "1", OURS, passed=["a"], seconds=1.0)
    theirs = Result("c", "A client", "Go", "1", KAFKA, failed={"a": "some error"}, seconds=2.0)
    page = document([ours, theirs])
    assert "| A client | Go | 1 | 1/0/0, 1 s | 0/1/0, 2 s |" in page
    assert "A client 1, kafka: a: some error" in page
    assert "some error" in text_table([theirs])

from pathlib import Path

from kafkacompat.config.generate_docs import render
from kafkacompat.config.rows import KEYS

PAGE = Path(__file__).parents[3] / "docs" / "configuration.md"


def test_the_page_is_what_the_rows_say() -> None:
    assert PAGE.read_text() == render(), "run `make docs`"


def test_every_configuration_key_is_documented() -> None:
    page = render()
    for row in KEYS.values():
        assert f"| `{row.name}` |" in page
        assert row.documentation.endswith(".")


def test_every_line_of_a_table_has_five_cells() -> None:
    lines = [line for line in render().splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in lines} == {6}

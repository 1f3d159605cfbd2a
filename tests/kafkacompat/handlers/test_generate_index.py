"""The generated index of handlers."""

from pathlib import Path

from kafkacompat.handlers import generate_index


def test_the_index_is_what_the_folder_says() -> None:
    path = Path(generate_index.__file__).parent / "_index.py"
    assert path.read_text() == generate_index.render(), "run `make index`"

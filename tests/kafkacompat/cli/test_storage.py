"""`kafkacompat storage`, as a user calls it."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from kafkacompat.cli.storage import storage
from kafkacompat_storage.disk_store import DiskStore
from kafkacompat_storage.os_files import OsFiles
from tests.support import batches as b


def run(*arguments: str) -> Result:
    return CliRunner().invoke(storage, arguments)


def filled(folder: Path) -> Path:
    """Make a directory of one partition; return the path of its log."""
    store = DiskStore(OsFiles(), [str(folder)], node_id=1, now_ms=b.NOW)
    log = store.open("t", 0, b"i" * 16, b.rules())
    for number in range(5):
        b.append(log, b.batch(b"%d" % number))
    store.close(clean=True)
    return folder / "t-0" / f"{0:020d}.log"


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_sound_directory_is_sound(tmp_path: Path) -> None:
    filled(tmp_path)
    told = run("check", str(tmp_path))
    assert (told.exit_code, told.output) == (0, f"{tmp_path} is sound\n")


def test_what_is_found_is_a_table_and_can_be_repaired(tmp_path: Path) -> None:
    damage(filled(tmp_path))
    told = run("check", str(tmp_path))
    assert told.exit_code == 1
    assert told.output.splitlines()[0].split() == [
        "partition",
        "file",
        "finding",
        "offsets",
        "repair",
    ]
    assert "2-2" in told.output
    (found,) = json.loads(run("check", str(tmp_path), "--format", "json").output)["findings"]
    assert found["partition"] == "t-0"
    assert "are kept as" in run("repair", str(tmp_path)).output
    assert run("check", str(tmp_path)).exit_code == 0


def test_a_directory_in_use_is_left_alone(tmp_path: Path) -> None:
    store = DiskStore(OsFiles(), [str(tmp_path)], node_id=1, now_ms=b.NOW)
    for command in ("check", "repair"):
        told = run(command, str(tmp_path))
        assert told.exit_code == 1
        assert "in use" in told.output
    store.close(clean=True)


def test_a_folder_that_is_not_there_is_wrong_input(tmp_path: Path) -> None:
    assert run("check", str(tmp_path / "no")).exit_code == 2

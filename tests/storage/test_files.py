"""Both kinds of files are what the interface says; mypy checks the assignments."""

from kafkacompat_storage.files import Files
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.os_files import OsFiles


def test_both_kinds_offer_every_operation():
    kinds: list[Files] = [MemoryFiles(), OsFiles()]
    operations = [name for name in vars(Files) if not name.startswith("_")]
    for kind in kinds:
        assert all(callable(getattr(kind, name)) for name in operations)

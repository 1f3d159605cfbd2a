"""The checksum is the crc32c package's, loaded without what that package loads beside it."""

import subprocess
import sys

import crc32c as package

from kafkacompat_protocol.records.crc import crc32c


def test_agrees_with_the_package() -> None:
    for content in (b"", b"123456789", bytes(range(256)) * 33):
        assert crc32c(content) == package.crc32c(content)
    assert crc32c(b"123456789") == 0xE3069283  # RFC 3720, appendix B.4's polynomial


def test_goes_on_from_a_checksum() -> None:
    assert crc32c(b"6789", crc32c(b"12345")) == crc32c(b"123456789")


def test_leaves_the_packages_own_imports_out() -> None:
    code = (
        "import sys, kafkacompat_protocol.records.crc;"
        "print('importlib.metadata' in sys.modules, 'argparse' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == ["False", "False"]

"""CRC-32C by the crc32c package's extension, without the rest of that package.

The package's own `__init__` reads its version from its metadata and makes a command line, which
costs a tenth of a broker's start.
"""

import sys
from collections.abc import Callable
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from types import ModuleType

_NAME = "crc32c._crc32c"


def _load_extension() -> ModuleType | None:
    """Return the extension module alone, None where it is not laid out as we know it."""
    if _NAME in sys.modules:
        return sys.modules[_NAME]
    package = PathFinder.find_spec("crc32c")
    places = package.submodule_search_locations if package is not None else None
    found = PathFinder.find_spec(_NAME, places) if places is not None else None
    if found is None or found.loader is None:
        return None
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


crc32c: Callable[..., int]
"""Return the CRC-32C of a buffer; a second argument is the checksum of what comes before it."""

_extension = _load_extension()
if _extension is not None and hasattr(_extension, "crc32c"):
    crc32c = _extension.crc32c
else:
    from crc32c import crc32c

__all__ = ["crc32c"]

"""What a client's folder says of itself, in its `client.toml`.

```toml
language = "Go"
needs = ["go"]                               # commands that must be there
versions = ["1.22.3"]                        # a row of the table each
build = [["go", "build", "-o", "{out}/cases", "./cases"]]
run = ["{out}/cases"]
uses = ["go_cases"]                          # other folders that the build reads

[unavailable]                                # rows that cannot run, and why
"0.1" = "its sources do not compile any more"

[kafka]                                      # rows that the newest Kafka refuses: run on which
"0.2" = "3.9.1"
```

`{here}` is the folder, `{out}` a folder of the cache of this client, version and content,
`{python}` the interpreter of the environment that the folder's requirements describe, `{project}`
that of this project, `{version}` the version, `{home}` a Kafka home of the version `home` names.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent
CACHE = FOLDER.parent / ".cache" / "compat"
PROGRAM = "program"
PYTEST = "pytest"


class ManifestError(Exception):
    """A `client.toml` makes no sense; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A folder of compat-tests. Each of its versions is a row."""

    name: str
    language: str
    versions: list[str]
    run: list[str]
    title: str = ""
    kind: str = PROGRAM
    """`program` prints its results as lines (see running.py), `pytest` leaves them in a file."""
    needs: list[str] = field(default_factory=list)
    debian: list[str] = field(default_factory=list)
    """Packages of Debian that building takes; they are installed where that is possible."""
    build: list[list[str]] = field(default_factory=list)
    uses: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    """Of the broker, beside those that all have."""
    home: str = ""
    """The Kafka whose jars or tools are needed."""
    quick: list[str] = field(default_factory=list)
    """The versions that every test run tries."""
    deadline_s: int = 300
    unavailable: dict[str, str] = field(default_factory=dict)
    kafka: dict[str, str] = field(default_factory=dict)
    """The real Kafka that a version is run against, where it is too old for the newest."""

    @property
    def folder(self) -> Path:
        """Where its sources are."""
        return FOLDER / self.name

    def out(self, version: str) -> Path:
        """Return where what is built of these sources is kept."""
        seed = hashlib.sha256()
        for name in (self.name, *self.uses):
            for path in sorted((FOLDER / name).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    seed.update(str(path.relative_to(FOLDER)).encode() + path.read_bytes())
        return CACHE / f"{self.name}-{version}-{seed.hexdigest()[:12]}"


def client(name: str) -> Client:
    """Read one client's manifest.

    Errors: ManifestError.
    """
    path = FOLDER / name / "client.toml"
    if not path.exists():
        raise ManifestError(f"there is no compat-tests/{name}/client.toml")
    return _read(name, tomllib.loads(path.read_text()))


def clients() -> Iterator[Client]:
    """Yield every client that has a manifest, by name."""
    for path in sorted(FOLDER.glob("*/client.toml")):
        yield client(path.parent.name)


def _read(name: str, said: Mapping[str, Any]) -> Client:
    try:
        found = Client(name=name, **said)
    except TypeError as error:
        raise ManifestError(f"compat-tests/{name}/client.toml: {error}") from None
    strangers = set(found.quick) - set(found.versions)
    if strangers or found.kind not in (PROGRAM, PYTEST):
        raise ManifestError(f"compat-tests/{name}/client.toml: quick or kind is wrong")
    return found

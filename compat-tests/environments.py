"""A virtual environment for each client, so that what one needs never meets what another needs.

It lies in the project's `.cache/venvs/<client>-<hash>`, the hash being that of the client's
requirements.txt and of the Python used; it is built once and is never changed. A client that pip
alone cannot install has an `install.sh`, which gets the environment's folder.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache" / "venvs"


class EnvironmentFailed(Exception):
    """pip could not install what a client needs; the text is what it said."""


def python_of(client: str) -> Path:
    """Return the Python of a client's environment, building it when missing.

    Processes that ask at once wait for one another; an environment is there whole or not at all.

    Errors: EnvironmentFailed.
    """
    requirements = HERE / client / "requirements.txt"
    script = HERE / client / "install.sh"
    seed = requirements.read_bytes() + sys.version.encode()
    if script.exists():
        seed += script.read_bytes()
    home = CACHE / f"{client}-{hashlib.sha256(seed).hexdigest()[:12]}"
    python = home / "bin" / "python"
    ready = home / "ready"
    if ready.exists():
        return python
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            shutil.rmtree(home, ignore_errors=True)  # a build that was killed
            _run([sys.executable, "-m", "venv", str(home)])
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            by_pip = [*pip, "-r", str(requirements)]
            _run(["sh", str(script), str(home)] if script.exists() else by_pip)
            ready.touch()
    return python


def _run(command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise EnvironmentFailed(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")

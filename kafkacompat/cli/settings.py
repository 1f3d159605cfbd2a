"""From options, environment and file to the configuration that a node starts with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kafkacompat.config import keys
from kafkacompat.config.environment import from_environment
from kafkacompat.config.load import (
    ConfigError,
    Given,
    Loaded,
    combine,
    given,
    read_file,
    split_assignment,
)
from kafkacompat.config.profiles import FOR_TESTS, with_defaults
from kafkacompat.config.rows import InvalidValue
from kafkacompat.config.values import BrokerConfig

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 9092


@dataclass(frozen=True, slots=True)
class Flags:
    """The options that stand for settings."""

    port: int | None = None
    host: str | None = None
    data_dir: str | None = None
    memory: bool = False
    as_version: str | None = None
    assignments: Sequence[str] = ()
    has_control: bool = False
    """Whether there is a control interface: in memory, defaults are those of tests."""

    def listen_anew(self) -> bool:
        """Whether the listeners of the file are replaced."""
        return self.port is not None or self.host is not None


def resolve(
    file: Path | None, environment: Mapping[str, str] | None, flags: Flags
) -> tuple[BrokerConfig, list[str]]:
    """Return the configuration, and warnings about settings that are ignored.

    Nothing is touched. Errors: ConfigError.
    """
    loaded = _combine(file, environment, flags)
    first = FOR_TESTS if flags.memory and flags.has_control else {}
    config = BrokerConfig(with_defaults(first | loaded.static))
    _check_addresses(config)
    if not config.get(keys.LOG_DIRS):
        raise ConfigError("log.dirs names no folder")
    return config, loaded.warnings


def _combine(file: Path | None, environment: Mapping[str, str] | None, flags: Flags) -> Loaded:
    lenient: list[Given] = read_file(file) if file is not None else []
    if environment is not None:
        lenient += given(from_environment(environment), "environment")
    if flags.listen_anew():
        # They would lead clients to where nobody listens any more.
        lenient = [item for item in lenient if item.name != keys.ADVERTISED_LISTENERS.name]
    assigned = dict(map(split_assignment, flags.assignments))
    return combine(lenient, given(assigned | _settings_of(flags), "command line"))


def _settings_of(flags: Flags) -> dict[str, str]:
    found = {}
    if flags.listen_anew():
        host = DEFAULT_HOST if flags.host is None else flags.host
        host = f"[{host}]" if ":" in host and not host.startswith("[") else host
        port = DEFAULT_PORT if flags.port is None else flags.port
        found[keys.LISTENERS.name] = f"PLAINTEXT://{host}:{port}"
    if flags.data_dir is not None:
        found[keys.LOG_DIRS.name] = flags.data_dir
    if flags.as_version is not None:
        found[keys.AS_VERSION.name] = flags.as_version
    if flags.memory:
        found[keys.DURABILITY.name] = "memory"
    return found


def _check_addresses(config: BrokerConfig) -> None:
    from kafkacompat.server.advertise import advertised_endpoints, parse_endpoints

    for key, check in (
        (keys.LISTENERS, parse_endpoints),
        (keys.ADVERTISED_LISTENERS, advertised_endpoints),
    ):
        try:
            check(config)
        except InvalidValue as error:
            raise ConfigError(f"{key.name}: {error}") from None


def home_of(config: BrokerConfig) -> Path:
    """Return the folder for what is the process's own: its pid file and log."""
    return Path(config.get(keys.LOG_DIRS)[0])


def is_in_memory(config: BrokerConfig) -> bool:
    """Whether nothing is kept in a folder."""
    return config.get(keys.DURABILITY) == "memory"

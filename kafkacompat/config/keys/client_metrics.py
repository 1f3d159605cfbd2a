"""Keys of a subscription to metrics of clients (KIP-714).

Subscriptions are kept and shown; no broker asks clients for metrics unless something receives
them, and nothing does here.
"""

import re

from kafkacompat.config.rows import ConfigType, InvalidValue, Kind, Scope, key, whole, words

MIN_INTERVAL_MS = 100
MAX_INTERVAL_MS = 3_600_000
CLIENT_PARTS = (
    "client_instance_id",
    "client_id",
    "client_software_name",
    "client_software_version",
    "client_source_address",
    "client_source_port",
)
CLIENT_METRICS = Scope.CLIENT_METRICS


def check_patterns(text: str) -> None:
    """Check what clients a subscription is for: part=pattern. Errors: InvalidValue."""
    for selector in words().parse(text):
        part, *patterns = (word.strip() for word in selector.split("="))
        if part not in CLIENT_PARTS or len(patterns) != 1 or not _is_pattern(patterns[0]):
            raise InvalidValue(f"Illegal client matching pattern: {selector}")


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


METRICS = key(
    "metrics",
    words(),
    (),
    CLIENT_METRICS,
    "Prefixes of the names of the metrics that are asked for; * for all.",
    is_effective=False,
)
INTERVAL_MS = key(
    "interval.ms",
    whole(),
    300_000,
    CLIENT_METRICS,
    "How often clients push their metrics.",
    is_effective=False,
)
MATCH = key(
    "match",
    Kind(ConfigType.LIST, words().parse, ",".join),
    (),
    CLIENT_METRICS,
    "Which clients are asked: parts of what they say of themselves, and a pattern for each.",
    is_effective=False,
)

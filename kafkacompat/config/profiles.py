"""What the broker passes for: the versions, features and defaults of an Apache Kafka release.

For tests of how a client gets along with an older (or newer) broker. The ranges are those of
`ApiKeys` in the release's own kafka-clients; of them what is implemented here is served.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

AS_VERSION: Final = "kafkacompat.as.version"
LAST: Final = "newest"
"""Everything that is implemented, whichever release had it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A release. `apis` are the first and last version by key; what is not there is unknown."""

    apis: dict[int, tuple[int, int]]
    features: dict[str, int]
    """Features that it knows, and the highest level of each; a new cluster finalises these."""
    defaults: dict[str, str] = field(default_factory=dict)
    """Settings that it had another default for."""

    def serves(self, key: int, version: int) -> bool:
        """Whether the release answers a version of an API."""
        found = self.apis.get(key)
        return found is not None and found[0] <= version <= found[1]


FOR_TESTS: Final = {
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "10",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "4",
    "log.segment.delete.delay.ms": "0",
}
"""Settings that a test does not want to wait for."""


def with_defaults(settings: Mapping[str, str]) -> dict[str, str]:
    """Return settings with the defaults of the release that they name, if they name one."""
    profile = PROFILES.get(settings.get(AS_VERSION, LAST))
    return dict(settings) if profile is None else profile.defaults | dict(settings)


def _apis(text: str) -> dict[int, tuple[int, int]]:
    found = {}
    for word in text.split():
        key, first, last = map(int, word.replace(":", "-").split("-"))
        found[key] = (first, last)
    return found


_BEFORE_4: Final = {
    "log.message.timestamp.after.max.ms": str((1 << 63) - 1),
}
PROFILES: Final[dict[str, Profile]] = {
    "2.8": Profile(
        _apis(
            "0:0-9 1:0-12 2:0-6 3:0-11 4:0-5 5:0-3 6:0-7 7:0-3 8:0-8 9:0-7 10:0-3 11:0-7 "
            "12:0-4 13:0-4 14:0-5 15:0-5 16:0-4 17:0-1 18:0-3 19:0-7 20:0-6 21:0-2 22:0-4 "
            "23:0-4 24:0-3 25:0-3 26:0-3 27:0-1 28:0-3 29:0-2 30:0-2 31:0-2 32:0-4 33:0-2 "
            "34:0-2 35:0-2 36:0-2 37:0-3 38:0-2 39:0-2 40:0-2 41:0-2 42:0-2 43:0-2 44:0-1 "
            "45:0-0 46:0-0 47:0-0 48:0-1 49:0-1 50:0-0 51:0-0 56:0-0 57:0-0 60:0-0 61:0-0"
        ),
        {},
        _BEFORE_4,
    ),
    "3.9": Profile(
        _apis(
            "0:0-11 1:0-17 2:0-9 3:0-12 8:0-9 9:0-9 10:0-6 11:0-9 12:0-4 13:0-5 14:0-5 15:0-5 "
            "16:0-5 17:0-1 18:0-4 19:0-7 20:0-6 21:0-2 22:0-5 23:0-4 24:0-5 25:0-4 26:0-4 "
            "27:0-1 28:0-4 29:0-3 30:0-3 31:0-3 32:0-4 33:0-2 34:0-2 35:0-4 36:0-2 37:0-3 "
            "38:0-3 39:0-2 40:0-2 41:0-3 42:0-2 43:0-2 44:0-1 45:0-0 46:0-0 47:0-0 48:0-1 "
            "49:0-1 50:0-0 51:0-0 55:0-2 57:0-1 60:0-1 61:0-0 64:0-0 65:0-0 66:0-1 68:0-0 "
            "69:0-0 71:0-0 72:0-0 74:0-0 75:0-0 76:0-0 77:0-0 78:0-0 79:0-0 80:0-0 81:0-0 "
            "83:0-0 84:0-0 85:0-0 86:0-0 87:0-0"
        ),
        {"metadata.version": 21},
        _BEFORE_4,
    ),
    "4.0": Profile(
        _apis(
            "0:3-12 1:4-17 2:1-10 3:0-13 8:2-9 9:1-9 10:0-6 11:2-9 12:0-4 13:0-5 14:0-5 "
            "15:0-6 16:0-5 17:0-1 18:0-4 19:2-7 20:1-6 21:0-2 22:0-5 23:2-4 24:0-5 25:0-4 "
            "26:0-5 27:1-1 28:0-5 29:1-3 30:1-3 31:1-3 32:1-4 33:0-2 34:1-2 35:1-4 36:0-2 "
            "37:0-3 38:1-3 39:1-2 40:1-2 41:1-3 42:0-2 43:0-2 44:0-1 45:0-0 46:0-0 47:0-0 "
            "48:0-1 49:0-1 50:0-0 51:0-0 55:0-2 57:0-2 60:0-2 61:0-0 64:0-0 65:0-0 66:0-1 "
            "68:0-1 69:0-1 71:0-0 72:0-0 74:0-0 75:0-0 76:0-0 77:0-0 78:0-0 79:0-0 80:0-0 "
            "81:0-0 83:0-0 84:0-0 85:0-0 86:0-0 87:0-0"
        ),
        {"metadata.version": 25, "transaction.version": 2, "group.version": 1},
    ),
    "4.3": Profile(
        _apis(
            "0:3-13 1:4-18 2:1-11 3:0-13 8:2-10 9:1-10 10:0-6 11:0-9 12:0-4 13:0-5 14:0-5 "
            "15:0-6 16:0-5 17:0-1 18:0-4 19:2-7 20:1-6 21:0-2 22:0-6 23:2-4 24:0-5 25:0-4 "
            "26:0-5 27:1-2 28:0-5 29:1-3 30:1-3 31:1-3 32:1-4 33:0-2 34:1-2 35:1-5 36:0-2 "
            "37:0-3 38:1-3 39:1-2 40:1-2 41:1-3 42:0-2 43:0-2 44:0-1 45:0-1 46:0-0 47:0-0 "
            "48:0-1 49:0-1 50:0-0 51:0-0 55:0-2 57:0-2 60:0-2 61:0-0 64:0-0 65:0-0 66:0-2 "
            "68:0-1 69:0-1 71:0-0 72:0-0 74:0-1 75:0-0 76:1-1 77:1-1 78:1-2 79:1-2 80:0-1 "
            "81:0-0 83:0-0 84:0-0 85:0-1 86:0-0 87:0-1 88:0-0 89:0-0 90:0-1 91:0-0 92:0-0"
        ),
        {
            "metadata.version": 30,
            "transaction.version": 2,
            "group.version": 1,
            "share.version": 1,
            "eligible.leader.replicas.version": 1,
        },
    ),
}

"""The features that this broker supports, and what a new cluster finalises.

Only what works is offered: streams.version stays away until its protocol is there, whatever an
opened directory says.

Spec: KIP-584, KIP-1022.
"""

from kafkacompat.metadata.record_versions import ELR_FEATURE, NEWEST_LEVEL, OLDEST_LEVEL

TRANSACTION_FEATURE = "transaction.version"
SHARE_FEATURE = "share.version"
GROUP_FEATURE = "group.version"
KRAFT_FEATURE = "kraft.version"
METADATA_FEATURE = "metadata.version"


def supported_features() -> dict[str, tuple[int, int]]:
    """Return each feature's lowest and highest level."""
    return {
        KRAFT_FEATURE: (0, 0),
        METADATA_FEATURE: (OLDEST_LEVEL, NEWEST_LEVEL),
        TRANSACTION_FEATURE: (0, 2),
        SHARE_FEATURE: (0, 1),
        GROUP_FEATURE: (0, 1),
        ELR_FEATURE: (0, 1),
    }


def initial_features() -> dict[str, int]:
    """Return what a new cluster starts with."""
    return {
        METADATA_FEATURE: NEWEST_LEVEL,
        TRANSACTION_FEATURE: 2,
        SHARE_FEATURE: 1,
        GROUP_FEATURE: 1,
        ELR_FEATURE: 1,
    }

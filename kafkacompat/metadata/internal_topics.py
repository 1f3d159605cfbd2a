"""The topics in which coordinators keep their state."""

from typing import Final

OFFSETS_TOPIC: Final = "__consumer_offsets"
TRANSACTION_TOPIC: Final = "__transaction_state"
SHARE_STATE_TOPIC: Final = "__share_group_state"
INTERNAL_TOPICS: Final = frozenset({OFFSETS_TOPIC, TRANSACTION_TOPIC, SHARE_STATE_TOPIC})
COORDINATED_BY = {
    OFFSETS_TOPIC: "groups",
    TRANSACTION_TOPIC: "transactions",
    SHARE_STATE_TOPIC: "share",
}
"""Topic -> the node's attribute for the coordinator whose state is in it."""

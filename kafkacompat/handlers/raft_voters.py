"""What is common to adding and removing voters of the metadata's quorum (KIP-853).

Voters are fixed here: the finalised kraft.version is 0, and a Kafka of that version refuses too.
"""

from typing import TYPE_CHECKING, NoReturn

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.schema import ZERO_UUID

if TYPE_CHECKING:
    from kafkacompat.broker import Node


def check_voter(
    node: "Node", cluster_id: str | None, voter_id: int, directory_id: bytes, what: str
) -> None:
    """Errors: INCONSISTENT_CLUSTER_ID, INVALID_REQUEST where the voter cannot be one."""
    if cluster_id is not None and cluster_id != node.cluster_id:
        raise KafkaError(
            ErrorCode.INCONSISTENT_CLUSTER_ID,
            f'The given id "{cluster_id}" doesn\'t match the cluster id "{node.cluster_id}"',
        )
    if voter_id < 0 or directory_id == ZERO_UUID:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST, f"{what} voter request didn't include a valid voter"
        )


def refuse_change(doing: str) -> NoReturn:
    """Errors: UNSUPPORTED_VERSION."""
    raise KafkaError(
        ErrorCode.UNSUPPORTED_VERSION,
        f"Cluster doesn't support {doing} voter because the kraft.version feature is 0",
    )

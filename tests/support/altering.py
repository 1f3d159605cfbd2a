"""Changes of configurations over the wire, in short forms."""

from kafkacompat_protocol.messages.incremental_alter_configs import (
    IncrementalAlterableConfig,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResource,
)
from tests.support.node import RunningNode

SET, DELETE = 0, 1


def resource(kind: int, name: str, **values: str | None) -> IncrementalAlterConfigsResource:
    """Return changes: keys with underscores for dots; None takes a key back."""
    return IncrementalAlterConfigsResource(
        resource_type=kind,
        resource_name=name,
        configs=[
            IncrementalAlterableConfig(
                name=key.replace("_", "."),
                config_operation=DELETE if value is None else SET,
                value=value,
            )
            for key, value in values.items()
        ],
    )


def alter(
    broker: RunningNode,
    *resources: IncrementalAlterConfigsResource,
    version: int = 1,
    validate_only: bool = False,
) -> list[int]:
    request = IncrementalAlterConfigsRequest(resources=list(resources), validate_only=validate_only)
    return [each.error_code for each in broker.call(request, version).responses]

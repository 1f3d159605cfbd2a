"""Settings out of the environment, as the container images of Kafka take them.

KAFKA_NUM_PARTITIONS is num.partitions: the prefix goes, letters become small, `_` becomes `.`,
`__` becomes `_` and `___` becomes `-`. KAFKA_CFG_NUM_PARTITIONS is the same.
"""

from collections.abc import Mapping

PREFIX = "KAFKA_"
OTHER_PREFIX = "KAFKA_CFG_"
NO_SETTINGS = frozenset(
    {
        "KAFKA_CREATE_TOPICS",
        "KAFKA_GC_LOG_OPTS",
        "KAFKA_HEAP_OPTS",
        "KAFKA_JMX_HOSTNAME",
        "KAFKA_JMX_OPTS",
        "KAFKA_JMX_PORT",
        "KAFKA_JVM_PERFORMANCE_OPTS",
        "KAFKA_LOG4J_LOGGERS",
        "KAFKA_LOG4J_OPTS",
        "KAFKA_LOG4J_ROOT_LOGLEVEL",
        "KAFKA_OPTS",
        "KAFKA_TOOLS_LOG4J_LOGLEVEL",
        "KAFKA_VERSION",
    }
)
"""Variables that begin like a setting but speak to the image or to Java."""


def property_name(variable: str) -> str:
    """Return the key that a variable stands for."""
    prefix = OTHER_PREFIX if variable.startswith(OTHER_PREFIX) else PREFIX
    name = variable.removeprefix(prefix).lower()
    # In the order in which the images do it: what three underscores become is found again.
    return name.replace("_", ".").replace("...", "-").replace("..", "_")


def from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings in the environment. KAFKA_X wins over KAFKA_CFG_X."""
    variables = [
        name
        for name in environment
        if name.startswith(PREFIX) and name != PREFIX and name not in NO_SETTINGS
    ]
    variables.sort(key=lambda name: (not name.startswith(OTHER_PREFIX), name))
    return {property_name(variable): environment[variable] for variable in variables}

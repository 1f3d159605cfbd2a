"""A broker that speaks Apache Kafka's wire protocol, in Python."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kafkacompat.embedded.broker import Broker, ThreadedBroker

__version__ = "0.1.0"
__all__ = ["Broker", "ThreadedBroker", "__version__"]


def __getattr__(name: str) -> Any:
    """Import the embedded broker when it is first asked for: most who import this do not."""
    if name in ("Broker", "ThreadedBroker"):
        from kafkacompat.embedded import broker

        return getattr(broker, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

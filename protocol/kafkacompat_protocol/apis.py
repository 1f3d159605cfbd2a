"""API key -> request and response class, found through the generated index of `messages/`."""

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from kafkacompat_protocol.messages._index import MODULES


@cache
def message_module(key: int) -> ModuleType:
    """Import the module of an API key. Errors: KeyError for a key that we do not know."""
    return import_module(f"kafkacompat_protocol.messages.{MODULES[key]}")


def api_name(key: int) -> str:
    """Return the API's name as Kafka writes it, such as "ListOffsets"."""
    return "".join(part.capitalize() for part in MODULES[key].split("_"))


def request_class(key: int) -> Any:
    """Return the request class of an API key."""
    return getattr(message_module(key), f"{api_name(key)}Request")


def response_class(key: int) -> Any:
    """Return the response class of an API key."""
    return getattr(message_module(key), f"{api_name(key)}Response")

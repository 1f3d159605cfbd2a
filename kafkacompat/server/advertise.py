"""Listener addresses: what to listen on, and what clients are told.

With no advertised.listeners each client is told the address by which it came, which it can
reach by definition.
"""

from typing import TYPE_CHECKING

from kafkacompat.config import keys
from kafkacompat.config.rows import InvalidValue
from kafkacompat.config.values import BrokerConfig
from kafkacompat.server.listener import Endpoint

if TYPE_CHECKING:
    from kafkacompat.broker import Node
    from kafkacompat.server.connection import Connection

ANY_HOST = ("", "0.0.0.0", "::")


def parse_endpoint(text: str) -> Endpoint:
    """Read "NAME://host:port"; the host may be empty (all addresses) or in brackets.

    Errors: InvalidValue.
    """
    name, separator, rest = text.partition("://")
    host, colon, port = rest.rpartition(":")
    if not separator or not colon or not name or not port.isdigit() or int(port) > 65535:
        raise InvalidValue(f"{text!r} is no listener; write NAME://host:port")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    return Endpoint(name.upper(), host, int(port))


def parse_endpoints(config: BrokerConfig) -> list[Endpoint]:
    """Return what to listen on: all listeners but a KRaft controller's.

    Errors: InvalidValue, also for a listener that would need TLS or SASL.
    """
    controllers = {name.upper() for name in config.get(keys.CONTROLLER_LISTENER_NAMES)}
    protocols = _protocols(config)
    found = []
    listeners: tuple[str, ...] = config.get(keys.LISTENERS)
    for text in listeners:
        endpoint = parse_endpoint(text)
        if endpoint.name in controllers:
            continue
        protocol = protocols.get(endpoint.name)
        if protocol is None:
            raise InvalidValue(
                f"listener {endpoint.name} has no protocol in listener.security.protocol.map"
            )
        if protocol != "PLAINTEXT":
            raise InvalidValue(
                f"listener {endpoint.name} wants {protocol}; only PLAINTEXT is served"
            )
        found.append(endpoint)
    if not found:
        raise InvalidValue("listeners names nothing to listen on")
    names = [endpoint.name for endpoint in found]
    if len(set(names)) < len(names):
        raise InvalidValue("listeners names one listener twice")
    return found


def _protocols(config: BrokerConfig) -> dict[str, str]:
    found = {"PLAINTEXT": "PLAINTEXT"}
    for item in config.get(keys.LISTENER_SECURITY_PROTOCOL_MAP):
        name, _, protocol = item.partition(":")
        found[name.strip().upper()] = protocol.strip().upper()
    return found


def advertised_endpoints(config: BrokerConfig) -> dict[str, Endpoint]:
    """Return what is configured to be advertised, by listener name. Errors: InvalidValue."""
    advertised: tuple[str, ...] = config.get(keys.ADVERTISED_LISTENERS)
    return {endpoint.name: endpoint for endpoint in map(parse_endpoint, advertised)}


def advertised_address(config: BrokerConfig, connection: "Connection") -> tuple[str, int]:
    """Return the host and port that this client should use."""
    found = advertised_endpoints(config).get(connection.listener.endpoint.name)
    if found is None:
        return connection.local_address
    return found.host, found.port or connection.listener.endpoint.port


def address_for(node: "Node", connection: "Connection") -> tuple[str, int]:
    """Return the host and port of a node for a client that came by a connection, to it or another.

    It is told the listener of the name by which it came; where that is not, the first.
    """
    if connection.listener in node.listeners:
        return advertised_address(node.config, connection)
    name = connection.listener.endpoint.name
    named = [each.endpoint for each in node.listeners if each.endpoint.name == name]
    endpoint = (named or [node.listeners[0].endpoint])[0]
    found = advertised_endpoints(node.config).get(endpoint.name)
    if found is not None:
        return found.host, found.port or endpoint.port
    host = connection.local_address[0] if endpoint.host in ANY_HOST else endpoint.host
    return host, endpoint.port


def public_endpoint(config: BrokerConfig, endpoint: Endpoint) -> Endpoint:
    """Return what to register and to print for a listener: no wildcard addresses."""
    found = advertised_endpoints(config).get(endpoint.name)
    if found is not None:
        return Endpoint(found.name, found.host, found.port or endpoint.port)
    host = "localhost" if endpoint.host in ANY_HOST else endpoint.host
    return Endpoint(endpoint.name, host, endpoint.port)


def host_and_port(endpoint: Endpoint) -> str:
    """Return "host:port", with brackets around an IPv6 address."""
    return str(endpoint).partition("://")[2]


def split_address(text: str) -> tuple[str, int]:
    """Return host and port of "host:port"."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def reachable(host: str) -> str:
    """Return an address by which this machine reaches what listens on `host`."""
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)

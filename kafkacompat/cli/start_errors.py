"""Why a broker did not start, in one line."""

import errno
import socket
from pathlib import Path

from kafkacompat.broker import Node
from kafkacompat.cli import pid_file
from kafkacompat.config.load import ConfigError
from kafkacompat.config.rows import InvalidValue
from kafkacompat.server.advertise import host_and_port
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_storage.identity import StoreError

ADDRESS_ERRORS = {
    errno.EADDRINUSE: "the port is taken; -p chooses another, -p 0 a free one",
    errno.EADDRNOTAVAIL: "this machine has no such address",
    errno.EACCES: "ports below 1024 need privileges",
    errno.EAFNOSUPPORT: "this machine does not have that kind of address",
}


def reason(error: BaseException, node: Node) -> str | None:
    """Return what to tell the user, None if the fault is ours."""
    if isinstance(error, socket.gaierror):
        return f"cannot resolve the host of {_address(node)}"
    if isinstance(error, OSError):
        return _operating_system(error, node)
    if isinstance(error, KafkaError):
        return error.message or error.code.name
    if isinstance(error, ConfigError | InvalidValue | StoreError):
        return str(error)
    return None


def _operating_system(error: OSError, node: Node) -> str | None:
    path = error.filename
    if isinstance(error, BlockingIOError) and path:
        folder = Path(path).parent
        running = pid_file.find(folder)
        owner = f"process {running.pid}" if running else "another process"
        return f"{folder} is in use by {owner}; -d chooses another folder"
    if path:
        return f"cannot use {path}: {error.strerror}"
    if error.errno in ADDRESS_ERRORS and not hasattr(node, "store"):
        return f"cannot listen on {_address(node)}: {ADDRESS_ERRORS[error.errno]}"
    return error.strerror or str(error)


def _address(node: Node) -> str:
    """Return the address that was tried last."""
    return host_and_port(node.listeners[-1].endpoint) if node.listeners else "the listeners"

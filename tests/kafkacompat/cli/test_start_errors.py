import errno
import socket
from pathlib import Path

import pytest

from kafkacompat.broker import Node
from kafkacompat.cli import pid_file
from kafkacompat.cli.start_errors import reason
from kafkacompat.config.load import ConfigError
from kafkacompat.config.rows import InvalidValue
from kafkacompat.config.values import BrokerConfig
from kafkacompat.server.listener import Endpoint
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_storage.identity import StoreError


class Bound:
    """Stands for a listener."""

    endpoint = Endpoint("PLAINTEXT", "127.0.0.1", 9092)


@pytest.fixture
def node() -> Node:
    made = Node(BrokerConfig())
    made.listeners.append(Bound())  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(errno.EADDRINUSE, "in use"), "cannot listen on 127.0.0.1:9092: the port is taken"),
        (OSError(errno.EADDRNOTAVAIL, "x"), "127.0.0.1:9092: this machine has no such address"),
        (PermissionError(errno.EACCES, "x"), "ports below 1024 need privileges"),
        (socket.gaierror(-2, "unknown"), "cannot resolve the host of 127.0.0.1:9092"),
        (PermissionError(errno.EACCES, "Permission denied", "/d/x"), "cannot use /d/x: Permission"),
        (OSError(errno.EROFS, "Read-only file system", "/d"), "cannot use /d: Read-only"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, None), "KAFKA_STORAGE_ERROR"),
        (StoreError("data belongs to node 2, this is node 1"), "belongs to node 2"),
        (ConfigError("wrong"), "wrong"),
        (InvalidValue("wrong"), "wrong"),
    ],
)
def test_what_the_user_can_mend_is_one_line(error: Exception, text: str, node: Node) -> None:
    found = reason(error, node)
    assert found is not None
    assert text in found
    assert "\n" not in found


def test_a_folder_in_use_is_told_with_its_owner(tmp_path: Path, node: Node) -> None:
    error = BlockingIOError(errno.EAGAIN, "locked", str(tmp_path / ".lock"))
    assert reason(error, node) == (
        f"{tmp_path} is in use by another process; -d chooses another folder"
    )
    pid_file.write(tmp_path, "")
    assert "in use by process" in (reason(error, node) or "")


def test_a_fault_of_ours_is_not_explained_away(node: Node) -> None:
    assert reason(ZeroDivisionError(), node) is None

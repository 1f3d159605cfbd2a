"""A real process each time: what a user sees of it."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from kafkacompat.cli import pid_file
from tests.support.command_line import TIMEOUT_S, broker, command, environment, run


def test_a_broker_is_ready_when_it_says_so_and_stops_cleanly(tmp_path: Path) -> None:
    with broker("-t", "a:3", cwd=tmp_path) as started:
        host, _, port = started.ready["bootstrap_servers"].rpartition(":")
        socket.create_connection((host, int(port)), TIMEOUT_S).close()
        running = pid_file.find(tmp_path / "data")
        assert running is not None
        assert running.pid == started.ready["pid"]
        code, logged = started.signal()
    assert code == 0
    order = [
        "Awaiting socket connections on PLAINTEXT://127.0.0.1:",
        "Transitioning from RECOVERY to RUNNING",
        "[KafkaServer id=1] started",
        "Kafka Server started",
        "shutting down",
        "shut down completed",
    ]
    places = [logged.index(text) for text in order]
    assert places == sorted(places)
    assert "Traceback" not in logged
    assert (tmp_path / "data" / ".kafka_cleanshutdown").exists()
    assert not (tmp_path / "data" / pid_file.NAME).exists()


def test_ctrl_c_stops_it_too(tmp_path: Path) -> None:
    with broker("--memory", cwd=tmp_path) as started:
        code, logged = started.signal(signal.SIGINT)
    assert (code, "Traceback" in logged) == (0, False)
    assert list(tmp_path.iterdir()) == []


def test_the_end_of_stdin_stops_it_if_asked(tmp_path: Path) -> None:
    with broker("--memory", "--stdin-guard", cwd=tmp_path) as started:
        assert started.process.stdin is not None
        started.process.stdin.close()
        started.process.stdin = None
        code, _ = started.finish()
    assert code == 0


def test_a_file_is_taken_and_its_unknown_keys_are_warned_of(tmp_path: Path) -> None:
    file = tmp_path / "server.properties"
    file.write_text("node.id=7\nnum.partition=2\nlog.dirs=here\n")
    with broker(str(file), "--override", "num.partitions=5", cwd=tmp_path) as started:
        assert (started.ready["node_id"], started.ready["data"]) == (7, ["here"])
        _, logged = started.signal()
    assert f"WARN {file}:2: unknown key num.partition (did you mean num.partitions?)" in logged


def test_the_environment_is_read_only_if_asked(tmp_path: Path) -> None:
    more = [("KAFKA_NODE_ID", "9")]
    with broker("--memory", "--env", cwd=tmp_path, environment_more=more) as started:
        assert started.ready["node_id"] == 9
    with broker("--memory", cwd=tmp_path, environment_more=more) as started:
        assert started.ready["node_id"] == 1


def test_a_taken_port_is_one_line_and_no_folder_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = run("start", "-p", str(port), cwd=tmp_path)
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr == (
        f"kafkacompat: cannot listen on 127.0.0.1:{port}: the port is taken; -p chooses another,"
        " -p 0 a free one\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_one_line(tmp_path: Path) -> None:
    with broker(cwd=tmp_path) as started:
        found = run("start", "-p", "0", cwd=tmp_path)
    assert found.returncode == 1
    assert f"kafkacompat: data is in use by process {started.ready['pid']};" in found.stderr
    assert found.stderr.count("\n") == 1


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = run("start", "-p", "0", "-d", "file/x", cwd=tmp_path)
    assert found.returncode == 1
    assert found.stderr == "kafkacompat: cannot use file/x: Not a directory\n"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["-c", "num.partitions=x"], "Invalid value x for configuration num.partitions"),
        (["-c", "num.partition=1"], "unknown key num.partition (did you mean num.partitions?)"),
        (["-t", "a:1:2"], "topic a: Unable to replicate the partition 2 time(s)"),
        (["-n", "2", "-t", "a:1:3"], "topic a: Unable to replicate the partition 3 time(s)"),
        (["-n", "2", "--racks", "a"], "1 racks for 2 brokers"),
        (["-n", "2", "-d", "x"], "several brokers are kept in memory"),
        (["none.properties"], "cannot read none.properties: No such file or directory"),
        (["--daemon", "--stdin-guard"], "--daemon and --stdin-guard exclude each other"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_one_line_and_nothing_is_touched(
    tmp_path: Path, arguments: list[str], text: str
) -> None:
    found = run("start", "-p", "0", *arguments, cwd=tmp_path)
    assert (found.returncode, found.stdout, found.stderr.count("\n")) == (2, "", 1)
    assert text in found.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo-terminals here")
def test_a_person_at_a_terminal_sees_a_banner_and_no_log_lines(tmp_path: Path) -> None:
    master, slave = os.openpty()
    line = command("start", "-p", "0", "--memory")
    with subprocess.Popen(
        line, cwd=tmp_path, env=environment(), stdin=slave, stdout=slave, stderr=slave
    ) as process:
        os.close(slave)
        shown = b""
        while b"stop with Ctrl-C" not in shown:
            shown += os.read(master, 4096)
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT_S) == 0
    os.close(master)
    text = shown.decode()
    assert "listening   PLAINTEXT://127.0.0.1:" in text
    assert "in memory only: gone when the broker stops" in text
    assert "INFO" not in text

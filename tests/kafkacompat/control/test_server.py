"""What the server refuses, and how it says so."""

import http.client
import json
import re
import signal
import subprocess
import sys
from typing import Any
from urllib.request import urlopen

import pytest

from tests.support.command_line import environment
from tests.support.control import Http


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("POST", "/topics", {}, 400, "name is missing"),
        ("POST", "/topics", {"name": "a", "colour": 1}, 400, "there is no field 'colour'"),
        ("POST", "/topics", {"name": 5}, 400, "name is to be of type string"),
        ("POST", "/topics", {"name": "a", "partitions": True}, 400, "partitions is to be of"),
        ("POST", "/topics", [], 400, "the body is to be an object"),
        ("POST", "/topics", {"name": "t"}, 409, "already exists"),
        ("GET", "/records", None, 400, "topic is missing"),
        ("GET", "/records?topic=missing", None, 409, "missing"),
        ("GET", "/records?topic=t&partition=x", None, 400, "invalid literal"),
        ("GET", "/records?topic=t&read_committed=perhaps", None, 400, "neither true nor false"),
        ("POST", "/records", {"topic": "t", "value_base64": "!"}, 400, "base64|padding|digit"),
        ("POST", "/faults", {"kind": "intercept"}, 400, "a function cannot"),
        ("POST", "/faults", {"kind": "explode"}, 400, "explode"),
        ("POST", "/faults", {"kind": "error", "api": "Nothing"}, 400, "no API"),
        ("POST", "/faults", {"kind": "error", "code": "NO_SUCH"}, 400, "no error"),
        ("POST", "/clock", {"advance_ms": -1}, 400, "back"),
        ("DELETE", "/forks/99", None, 404, "99"),
    ],
)
def test_what_makes_no_sense_is_refused(
    http: Any, method: str, path: str, body: Any, status: int, message: str
) -> None:
    found, answer = http.call(method, path, body)
    assert found == status, answer
    assert re.search(message, answer["message"])


def test_a_web_page_gets_nothing(http: Any) -> None:
    assert http.call("POST", "/reset", {}, Origin="http://example.com")[0] == 403
    address = http.url.removeprefix("http://")
    connection = http_connection(address)
    connection.request("POST", "/topics", b'{"name": "a"}', {"Content-Type": "text/plain"})
    assert connection.getresponse().status == 400
    connection.close()


def http_connection(address: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(address, timeout=20)


def test_kafkas_errors_have_their_names(http: Any) -> None:
    assert http.call("POST", "/topics", {"name": "t"})[1]["code"] == "TOPIC_ALREADY_EXISTS"


def test_several_brokers_are_killed_and_restarted_over_http() -> None:
    command = [sys.executable, "-m", "kafkacompat", "start", "-n", "2", "-p", "0"]
    command += ["--racks", "a,b", "-t", "t:2:2", "--control-port", "0", "--print-ready", "json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()
    ) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            http = Http(ready["control"])
            first, second = ready["bootstrap_servers"].split(",")
            brokers = [
                {"broker": 1, "address": first, "lives": True},
                {"broker": 2, "address": second, "lives": True},
            ]
            assert http.get("/brokers") == brokers
            http.post("/brokers/1/kill")
            assert http.get("/brokers") == [brokers[0] | {"lives": False}, brokers[1]]
            told = http.call("POST", "/brokers/1/kill")
            assert told == (409, {"message": "broker 1 does not live"})
            http.post("/records", topic="t", value="v", partition=0)
            http.post("/brokers/1/restart")
            http.post("/reset")
            assert http.get("/brokers") == brokers
            http.post("/leaders", topic="t", to=2)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()


def test_the_command_line_starts_one_and_says_where() -> None:
    command = [sys.executable, "-m", "kafkacompat", "start", "--memory", "-p", "0"]
    command += ["-t", "made:2", "--control-port", "0", "--print-ready", "json"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()
    )
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        with urlopen(f"{ready['control']}/broker", timeout=20) as answer:
            assert json.load(answer)["bootstrap_servers"] == ready["bootstrap_servers"]
        with urlopen(f"{ready['control']}/reset", b"", timeout=20) as answer:
            assert answer.status == 200
        with urlopen(f"{ready['control']}/topics", timeout=20) as answer:
            assert json.load(answer) == {"made": 2}
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.stdout.close()
        process.wait()

"""A broker with a control interface, and what speaks HTTP to it."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from kafkacompat import ThreadedBroker
from kafkacompat.control.server import ControlServer


class Http:
    """Speaks JSON to one server."""

    def __init__(self, url: str, broker: ThreadedBroker) -> None:
        self.url = url
        self.broker = broker

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Return the status and the answer."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.url + path, data, {"Content-Type": "application/json"} | headers)
        request.method = method
        try:
            with urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)

    def get(self, path: str) -> Any:
        status, answer = self.call("GET", path)
        assert status == 200, answer
        return answer

    def post(self, path: str, **body: Any) -> Any:
        status, answer = self.call("POST", path, body)
        assert status == 200, answer
        return answer


@pytest.fixture(scope="module")
def one_server() -> Iterator[Http]:
    with ThreadedBroker(topics={"t": 2}) as broker:
        server = ControlServer(broker)
        broker._host.run(server.start("127.0.0.1", 0))
        yield Http(f"http://127.0.0.1:{server.port}", broker)
        asyncio.run_coroutine_threadsafe(server.stop(), broker._host.loop).result(20)


@pytest.fixture
def http(one_server: Http) -> Http:
    one_server.post("/clock", frozen=False)
    one_server.post("/reset")
    return one_server

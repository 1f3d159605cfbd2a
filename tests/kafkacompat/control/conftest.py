"""A broker with a control interface."""

import asyncio
from collections.abc import Iterator

import pytest

from kafkacompat import ThreadedBroker
from kafkacompat.control.server import ControlServer
from tests.support.control import Http


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

"""Embedding: it starts, it stops, and touches nothing of the caller's."""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kafkacompat import Broker, ThreadedBroker
from kafkacompat.config.load import ConfigError
from kafkacompat.embedded.host import BrokerError


def test_it_leaves_no_thread_and_no_socket() -> None:
    with ThreadedBroker():
        pass  # What the libraries open once, they keep.
    before = threading.enumerate(), sorted(os.listdir("/proc/self/fd"))
    with ThreadedBroker(topics={"a": 1}) as broker:
        broker.produce("a", "x")
        port = broker.port
        client = socket.create_connection(("127.0.0.1", port))
    client.close()
    assert (threading.enumerate(), sorted(os.listdir("/proc/self/fd"))) == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_coroutine_may_start_and_stop_it_though_it_blocks() -> None:
    async def use() -> list[bytes | None]:
        with ThreadedBroker(topics={"a": 1}) as broker:
            broker.produce("a", "x")
            return [record.value for record in broker.records("a")]

    assert asyncio.run(use()) == [b"x"]


def test_nothing_of_the_callers_is_touched() -> None:
    def state() -> object:
        handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        root = logging.getLogger()
        return handlers, list(root.handlers), root.level, Path.cwd(), os.environ.copy()

    before = state()
    with ThreadedBroker():
        assert state() == before
    assert state() == before


def test_several_live_in_one_process() -> None:
    with ThreadedBroker(topics={"a": 1}) as one, ThreadedBroker(topics={"b": 2}) as two:
        assert one.port != two.port
        assert (one.topics(), two.topics()) == ({"a": 1}, {"b": 2})
        assert one.cluster_id != two.cluster_id


def test_a_directory_keeps_what_was_written(tmp_path: Path) -> None:
    with ThreadedBroker(data_dir=tmp_path / "data", topics={"a": 1}) as broker:
        broker.produce("a", "x")
        with pytest.raises(BrokerError):
            broker.snapshot()
    with ThreadedBroker(data_dir=tmp_path / "data") as broker:
        assert [record.value for record in broker.records("a")] == [b"x"]


def test_settings_come_as_words_a_mapping_or_a_file(tmp_path: Path) -> None:
    with ThreadedBroker(config={"num.partitions": 3}, log_retention_ms=77) as broker:
        config = broker._host.node.config.static
        assert (config["num.partitions"], config["log.retention.ms"]) == ("3", "77")
    properties = tmp_path / "server.properties"
    properties.write_text("num.partitions=5\n")
    with ThreadedBroker.from_properties(properties) as broker:
        assert broker._host.node.config.static["num.partitions"] == "5"


def test_a_bad_setting_is_an_error_and_leaves_nothing() -> None:
    before = threading.enumerate()
    with pytest.raises(ConfigError, match=r"num\.partitions"):
        ThreadedBroker(num_partitions="many")
    with pytest.raises(ConfigError, match=r"no\.such"):
        ThreadedBroker(no_such="1")
    with ThreadedBroker() as broker, pytest.raises(OSError, match="in use"):
        ThreadedBroker(port=broker.port).start()
    assert threading.enumerate() == before


def test_a_function_can_have_one_for_itself() -> None:
    @ThreadedBroker(topics={"a": 1})
    def uses(broker: ThreadedBroker, text: str) -> str:
        """Have a docstring."""
        broker.produce("a", text)
        return broker.bootstrap_servers

    assert uses("x") != ""
    assert uses.__doc__ == "Have a docstring."


def test_it_is_not_started_twice() -> None:
    with ThreadedBroker() as broker, pytest.raises(BrokerError):
        broker.start()


def test_a_forked_child_is_told_that_the_broker_is_not_its_own() -> None:
    script = (
        "import os\n"
        "from kafkacompat import ThreadedBroker\n"
        "with ThreadedBroker() as broker:\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        try:\n"
        "            broker.snapshot()\n"
        "        except Exception as error:\n"
        "            print(error, flush=True)\n"
        "        os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
        "    print(broker.topics())\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "belongs to the process that started it" in told.stdout
    assert told.stdout.endswith("{}\n")


def test_coroutines_await_what_takes_a_moment() -> None:
    async def story() -> list[bytes | None]:
        loop = asyncio.get_running_loop()
        async with Broker(topics={"a": 1}) as broker:
            assert asyncio.get_running_loop() is loop
            await broker.produce("a", "x")
            kept = await broker.snapshot()
            await broker.produce("a", "y")
            await broker.restore(kept)
            await broker.produce("a", "z")
            return [record.value for record in await broker.wait_for_records("a", 2)]

    assert asyncio.run(story()) == [b"x", b"z"]


def test_importing_the_package_imports_no_broker() -> None:
    script = "import kafkacompat, sys; print('kafkacompat.broker' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout == "False\n"

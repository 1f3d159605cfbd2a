"""Runs brokers in this process, mostly one, from their start to the end of their stop."""

import asyncio
import gc
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kafkacompat.broker import Node
from kafkacompat.cli import pid_file
from kafkacompat.cli.banner import Ready
from kafkacompat.cli.process import age_ms
from kafkacompat.cli.recovery_progress import BrokenOff, RecoveryProgress
from kafkacompat.cli.settings import home_of, is_in_memory
from kafkacompat.cli.stopping import StopRequest
from kafkacompat.cluster.alone import Brokers
from kafkacompat.config import keys
from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata.commands import NewTopic
from kafkacompat.server.advertise import public_endpoint
from kafkacompat.server.platform import keep_freed_memory, new_event_loop
from kafkacompat_protocol.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from kafkacompat.control.server import ControlServer
    from kafkacompat.seed.document import Seed

log = logging.getLogger("kafkacompat.server")

YOUNG_OBJECTS = 20_000
"""Objects made and not freed before the collector looks for cycles among them. Requests in
progress are some thousands, and none of them: looking at each costs a tenth of a busy broker."""


@dataclass(slots=True)
class Plan:
    """What to run, and whom to tell."""

    config: BrokerConfig
    on_ready: Callable[[Ready], None]
    topics: Sequence[NewTopic] = ()
    seed: "Seed | None" = None
    writes_pid_file: bool = True
    is_terminal: bool = False
    control: tuple[str, int] | None = None
    """Host and port of the control interface."""
    stop: StopRequest = field(default_factory=StopRequest)


def serve(plan: Plan, brokers: Brokers) -> None:
    """Run brokers until they are asked to stop.

    Errors: those of `Node.start`, KafkaError for a topic that cannot be made.
    """
    loop = new_event_loop()
    try:
        loop.run_until_complete(_run(plan, brokers))
    except BrokenOff:
        log.info("Stopped before the logs were recovered")
    finally:
        loop.close()


async def _run(plan: Plan, brokers: Brokers) -> None:
    terminal = sys.stderr if plan.is_terminal else None
    await brokers.start(RecoveryProgress(terminal, lambda: plan.stop.is_made))
    home = home_of(plan.config)
    control = None
    try:
        node = brokers.node
        for topic in plan.topics:
            await _create(node, topic)
        if plan.seed is not None:
            from kafkacompat.seed.apply import apply

            await asyncio.to_thread(apply, plan.seed, node, node.clock.wall_ms)
        ready = _ready(brokers)
        if plan.control is not None:
            control = await _control(brokers, plan.control)
            ready = replace(ready, control=f"http://{plan.control[0]}:{control.port}")
        if plan.writes_pid_file:
            home.mkdir(parents=True, exist_ok=True)
            pid_file.write(home, ready.bootstrap_servers)
        plan.on_ready(ready)
        for each in brokers.nodes:
            _log_ready(each)
        # What a start leaves behind stays: let no collection go through it again.
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
        gc.enable()
        keep_freed_memory()
        await plan.stop.wait()
        for each in brokers.nodes:
            log.info("[KafkaServer id=%d] shutting down", each.node_id)
    finally:
        if plan.writes_pid_file:
            pid_file.remove(home)
        if control is not None:
            await control.stop()
        stopped = brokers.nodes
        await brokers.stop()
    for each in stopped:
        log.info("[KafkaServer id=%d] shut down completed", each.node_id)


async def _control(brokers: Brokers, address: tuple[str, int]) -> "ControlServer":
    """Start the control interface. Errors: OSError."""
    from kafkacompat.control.server import ControlServer
    from kafkacompat.embedded.broker import Powers
    from kafkacompat.embedded.clock import AdjustableClock
    from kafkacompat.embedded.host import Host

    assert isinstance(brokers.clock, AdjustableClock)
    host = Host(brokers, asyncio.get_running_loop(), brokers.clock)
    powers = await asyncio.to_thread(Powers, host)
    if is_in_memory(brokers.node.config):
        await asyncio.to_thread(powers.keep_first)
    server = ControlServer(powers)
    await server.start(*address)
    return server


async def _create(node: Node, topic: NewTopic) -> None:
    """Make a topic; one that exists stays as it is."""
    try:
        await node.controller.create_topic(topic)
    except KafkaError as error:
        if error.code is not ErrorCode.TOPIC_ALREADY_EXISTS:
            raise


def _ready(brokers: Brokers) -> Ready:
    node = brokers.node
    config = node.config
    ends = [
        [(each.endpoint, public_endpoint(node.config, each.endpoint)) for each in node.listeners]
        for node in brokers.nodes
    ]
    log_dirs: tuple[str, ...] = config.get(keys.LOG_DIRS)
    return Ready(
        node_id=node.node_id,
        cluster_id=node.cluster_id,
        listening=[listening for of_one in ends for listening, _ in of_one],
        advertised=[told for of_one in ends for _, told in of_one],
        bootstrap=[of_one[0][1] for of_one in ends],
        data=() if is_in_memory(config) else log_dirs,
        durability=config.get(keys.DURABILITY),
        start_ms=age_ms(),
    )


def _log_ready(node: Node) -> None:
    """Log the lines of Apache Kafka that tools wait for."""
    for listener in node.listeners:
        log.info("Awaiting socket connections on %s", listener.endpoint)
    log.info(
        "[BrokerLifecycleManager id=%d] The broker has been unfenced."
        " Transitioning from RECOVERY to RUNNING.",
        node.node_id,
    )
    log.info("[KafkaServer id=%d] started", node.node_id)
    log.info("Kafka Server started")

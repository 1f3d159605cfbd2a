"""`kafkacompat start`: run a broker, as kafka-server-start.sh does."""

import gc
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kafkacompat.cli import daemon
from kafkacompat.cli.exit_codes import FAILED, WRONG_INPUT, fail
from kafkacompat.cli.settings import Flags, home_of, is_in_memory, resolve
from kafkacompat.config.load import ConfigError
from kafkacompat.config.profiles import PROFILES
from kafkacompat.config.values import BrokerConfig

if TYPE_CHECKING:
    from kafkacompat.cli.banner import Ready
    from kafkacompat.cli.log_output import HeldBack
    from kafkacompat.clock import Clock
    from kafkacompat.metadata.commands import NewTopic
    from kafkacompat.seed.document import Seed


@dataclass(frozen=True, slots=True)
class Manner:
    """How a start behaves towards its caller."""

    print_ready: str | None
    log_level: str | None
    log_format: str | None
    stdin_guard: bool
    detached: bool
    control: tuple[str, int] | None = None
    brokers: int = 1
    racks: tuple[str, ...] = ()

    @property
    def is_terminal(self) -> bool:
        """Whether a person looks on, and asked for neither log lines nor a line to parse."""
        asked = self.print_ready or self.log_format or self.detached
        return sys.stdout.isatty() and not asked


@click.command(short_help="Run a broker.")
@click.argument("file", metavar="[SERVER.PROPERTIES]", required=False, type=Path)
@click.option("--override", "overrides", multiple=True, metavar="K=V", help="Set a key.")
@click.option("-c", "--config", "settings", multiple=True, metavar="K=V", help="Set a key.")
@click.option("-p", "--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@click.option("-H", "--host", help="Address to listen on; 0.0.0.0 for all. [127.0.0.1]")
@click.option("-d", "--data-dir", metavar="DIR", help="Folder for the data. [./data]")
@click.option("--memory", is_flag=True, help="Keep everything in memory.")
@click.option(
    "-n",
    "--brokers",
    type=click.IntRange(1, 100),
    default=1,
    help="Several brokers, in memory, on ports that follow one another: a cluster for tests.",
)
@click.option("--racks", metavar="A,B,...", help="The rack of each of them.")
@click.option(
    "-t",
    "--topic",
    "topics",
    multiple=True,
    metavar="NAME[:PARTITIONS[:REPLICAS[:K=V,...]]]",
    help="Make a topic unless it exists.",
)
@click.option(
    "--as-version",
    type=click.Choice(list(PROFILES)),
    help="Pass for a release of Apache Kafka: its request versions, features and defaults.",
)
@click.option("--seed", type=Path, metavar="FILE", help="Topics, records, groups to begin with.")
@click.option("--env", "use_environment", is_flag=True, help="Read KAFKA_* variables too.")
@click.option(
    "--print-ready",
    type=click.Choice(["json", "env"]),
    help="Print where clients connect, once they can, as the first line; logs go to stderr.",
)
@click.option("--daemon", "as_daemon", is_flag=True, help="Return when ready; log to a file.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"], case_sensitive=False),
)
@click.option("--log-format", type=click.Choice(["kafka", "text", "json"]))
@click.option(
    "--control-port",
    type=click.IntRange(0, 65535),
    help="Port of the control interface for tests (HTTP); off without it. With --memory, nothing"
    " waits for stragglers then, as in ThreadedBroker.",
)
@click.option("--control-host", default="127.0.0.1", help="Its address. [127.0.0.1]")
@click.option("--stdin-guard", is_flag=True, help="Stop when stdin is closed.")
@click.option(daemon.DETACHED_OPTION, is_flag=True, hidden=True)
def start(**given: Any) -> None:
    """Run a broker until SIGTERM or Ctrl-C; a second one ends it at once.

    Without a file it listens on 127.0.0.1:9092 and keeps its data in ./data. -p and -H replace
    the listeners of the file.
    """
    gc.disable()  # until ready: nothing of what is imported is garbage
    flags = Flags(
        port=given["port"],
        host=given["host"],
        data_dir=given["data_dir"],
        memory=given["memory"] or given["brokers"] > 1,
        as_version=given["as_version"],
        assignments=[*given["overrides"], *given["settings"]],
        has_control=given["control_port"] is not None,
    )
    manner = Manner(
        print_ready=given["print_ready"],
        log_level=given["log_level"],
        log_format=given["log_format"],
        stdin_guard=given["stdin_guard"],
        detached=given["detached"],
        control=_control(given["control_host"], given["control_port"]),
        brokers=given["brokers"],
        racks=tuple(given["racks"].split(",")) if given["racks"] else (),
    )
    if given["brokers"] > 1 and given["data_dir"] is not None:
        fail("several brokers are kept in memory: -n and -d exclude each other", WRONG_INPUT)
    if given["as_daemon"] and manner.stdin_guard:
        fail("--daemon and --stdin-guard exclude each other", WRONG_INPUT)
    environment = os.environ if given["use_environment"] else None
    try:
        config, warnings = resolve(given["file"], environment, flags)
        configs = _configs(config, manner)
        topics = _topics(given["topics"], configs[0], manner.brokers)
    except ConfigError as error:
        fail(str(error), WRONG_INPUT)
    seed = _seed(given["seed"])
    if given["as_daemon"]:
        _start_daemon(config, warnings, manner)
    else:
        _run(configs, topics, seed, warnings, manner)


def _configs(config: BrokerConfig, manner: Manner) -> list[BrokerConfig]:
    if manner.brokers == 1 and not manner.racks:
        return [config]
    from kafkacompat.cluster.configs import configs_of

    return [BrokerConfig(each) for each in configs_of(config.static, manner.brokers, manner.racks)]


def _seed(path: Path | None) -> "Seed | None":
    if path is None:
        return None
    from kafkacompat.seed.document import SeedError, read_seed

    try:
        return read_seed(path)
    except (SeedError, OSError) as error:
        fail(str(error), WRONG_INPUT)


def _control(host: str, port: int | None) -> tuple[str, int] | None:
    if port is None:
        return None
    from importlib.util import find_spec

    if find_spec("aiohttp") is None:
        fail("--control-port needs aiohttp: pip install 'kafkacompat[control]'", WRONG_INPUT)
    return host, port


def _topics(texts: list[str], config: BrokerConfig, brokers: int) -> list["NewTopic"]:
    if not texts:
        return []
    from kafkacompat.cli.topic_option import check_topics, parse_topic

    topics = [parse_topic(text) for text in texts]
    check_topics(topics, config, brokers)
    return topics


def _start_daemon(config: BrokerConfig, warnings: list[str], manner: Manner) -> None:
    for warning in warnings:
        click.echo(f"kafkacompat: {warning}", err=True)
    arguments = sys.argv[sys.argv.index("start") + 1 :]
    code, ready = daemon.start_detached([item for item in arguments if item != "--daemon"])
    if ready is None:
        raise SystemExit(code)
    if manner.print_ready == "json":
        import json

        click.echo(json.dumps(ready))
    elif manner.print_ready == "env":
        click.echo(f"KAFKA_BOOTSTRAP_SERVERS={ready['bootstrap_servers']}")
    else:
        log = daemon.log_file(home_of(config))
        click.echo(f"running on {ready['bootstrap_servers']}, process {ready['pid']}, log {log}")


def _run(
    configs: list[BrokerConfig],
    topics: list["NewTopic"],
    seed: "Seed | None",
    warnings: list[str],
    manner: Manner,
) -> None:
    from kafkacompat.cli.serve import Plan, serve
    from kafkacompat.cli.start_errors import reason
    from kafkacompat.cluster.alone import brokers_of

    config = configs[0]
    held_back = _configure_log(manner, warnings)
    plan = Plan(
        config,
        on_ready=lambda ready: _announce(ready, config, manner, held_back),
        topics=topics,
        seed=seed,
        writes_pid_file=manner.detached or not is_in_memory(config),
        is_terminal=manner.is_terminal,
        control=manner.control,
    )
    plan.stop.on_signals()
    if manner.stdin_guard:
        plan.stop.on_closed_stdin()
    brokers = brokers_of(configs, _clock(manner))
    try:
        serve(plan, brokers)
    except Exception as error:
        text = reason(error, brokers.node)
        if text is None:
            raise
        fail(text, FAILED)


def _clock(manner: Manner) -> "Clock | None":
    """Return a clock that can be moved, where somebody may want to move it."""
    if manner.control is None:
        return None
    from kafkacompat.embedded.clock import AdjustableClock

    return AdjustableClock()


def _configure_log(manner: Manner, warnings: list[str]) -> "HeldBack | None":
    import logging

    from kafkacompat.cli import log_output

    shape = manner.log_format or ("text" if manner.is_terminal else "kafka")
    level = manner.log_level or ("warning" if manner.is_terminal else "info")
    formatter = log_output.FORMATTERS[shape]()
    held_back = log_output.HeldBack() if manner.detached else None
    is_taken = manner.print_ready is not None or manner.is_terminal
    stream = log_output.standard_stream(is_stdout_taken=is_taken)
    log_output.log_to(held_back or log_output.stream_handler(stream), level, formatter)
    for warning in warnings:
        logging.getLogger("kafkacompat.config").warning("%s", warning)
    return held_back


def _announce(
    ready: "Ready", config: BrokerConfig, manner: Manner, held_back: "HeldBack | None"
) -> None:
    from kafkacompat.cli import banner

    if held_back is not None:
        assert held_back.formatter is not None
        held_back.write_to(daemon.log_file(home_of(config)), held_back.formatter)
        _print_line(banner.json_line(ready))
        daemon.let_go()
    elif manner.print_ready is not None:
        _print_line(banner.READY_LINES[manner.print_ready](ready))
    elif manner.is_terminal:
        _print_line(banner.banner(ready))


def _print_line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
